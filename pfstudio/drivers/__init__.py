"""Scripts that use the window from outside: demo, benches, soak run and selftest."""

import pfstudio.ui  # noqa: F401  # its guard must come before the first class made from Qt's
