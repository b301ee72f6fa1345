"""Memory that is freed and taken again with every forward, kept at hand."""

from __future__ import annotations

import ctypes
import sys

TRIM_THRESHOLD, TOP_PAD, MMAP_THRESHOLD = -1, -2, -3
KEPT = 256 << 20
LARGEST_BLOCK = 32 << 20
"""The largest threshold that glibc takes on 64-bit machines."""


def keep_memory() -> bool:
    """Ask the C library not to give freed memory back to the system, for this process.

    glibc returns the end of its heap, and every block above a threshold, as soon as they are freed; the
    next map of the same size then costs a page fault for every 4 KiB, which on virtual machines takes
    several times as long as the convolution that fills it.

    Returns
    -------
    bool
        Whether it was done: only glibc has these settings.
    """
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    wanted = ((TRIM_THRESHOLD, KEPT), (TOP_PAD, LARGEST_BLOCK), (MMAP_THRESHOLD, LARGEST_BLOCK))
    return all(mallopt(option, value) == 1 for option, value in wanted)
