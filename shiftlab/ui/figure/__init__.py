"""Everything that is drawn, for the window and for exported pictures: geometry, models, painters.

Painters take a QPainter, a rectangle, a frozen model and a theme; none keeps state.
"""
