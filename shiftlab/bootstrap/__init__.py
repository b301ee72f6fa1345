"""Two commands for a machine that has nothing but Python: `python3 -m shiftlab.bootstrap run` and `... test`.

Standard library only. What it does, in order, skipping what is done already: install the system
libraries that Qt needs (Debian and Ubuntu, where it may), make `.venv` beside the package, install
torch for the CPU and then ShiftLab itself with its test tools, and run.
"""
