"""`python3 -m shiftlab.bootstrap`."""

from __future__ import annotations

import sys

from shiftlab.bootstrap.commands import main

if __name__ == "__main__":
    sys.exit(main())
