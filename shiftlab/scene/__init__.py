"""What is looked at: patterns, the canvas, placing and translation (numpy only)."""
