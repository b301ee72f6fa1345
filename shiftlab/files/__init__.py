"""What is kept: sessions, images, and the state inside a figure; written so that a kill loses nothing."""
