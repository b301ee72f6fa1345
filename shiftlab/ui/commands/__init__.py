"""Everything that can be done in the window, as records of actions, in a file for each menu."""
