"""The measures dock: the table, curves against the shift, the map over all shifts, receptive fields."""
