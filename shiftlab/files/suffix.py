"""How the name of a session file ends: apart from what reads and writes them, which brings much along."""

SUFFIX = ".shiftlab"
