"""The bench: the dock in which a network is changed while its maps follow."""
