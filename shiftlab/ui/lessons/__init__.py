"""Lessons beside the lab: a list, a card with the present step, and what notices that it was done."""
