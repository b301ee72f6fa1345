"""`python -m shiftlab` is the command `shiftlab`."""

from shiftlab.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
