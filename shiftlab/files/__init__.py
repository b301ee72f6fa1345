"""What is kept: sessions, images, tables, and the state inside a figure."""
