"""Position maps: what a network answers with the pattern at every place."""
