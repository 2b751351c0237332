"""What the bundle starts: `pfstudio`, the same as the installed command."""

from __future__ import annotations

import sys

from pfstudio.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
