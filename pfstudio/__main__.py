"""`python -m pfstudio` is the same as `pfstudio`."""

from __future__ import annotations

import sys

from pfstudio.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
