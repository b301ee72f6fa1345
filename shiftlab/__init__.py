"""ShiftLab: when an object moves, what in a convolutional network moves with it, stays put, or breaks?

Import-light on purpose: `shiftlab.bootstrap` runs on a bare Python. The library lives in the
sub-packages `scene`, `network`, `measure`, `learn` and `picture`, none of which needs a window.
"""

__version__ = "0.1.0"
