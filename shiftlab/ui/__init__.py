"""What is seen: the window and everything in it (the only package that imports Qt)."""
