"""Long jobs in the window: one at a time for a view, with its progress, its question and its answer."""
