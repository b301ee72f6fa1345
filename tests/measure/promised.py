"""What is promised of the output, for the library and for the command line alike."""

from __future__ import annotations

STAGE_KEYS = [
    "name",
    "kind",
    "channels",
    "size",
    "stride",
    "receptive_field",
    "on_grid",
    "equivariance_error",
    "equivariance_error_valid",
    "equivariance_error_fractional",
    "border_share",
    "invariance_error",
    "cosine",
    "causes",
]
"""Keys of a stage in JSON, in their order."""
