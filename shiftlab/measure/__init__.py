"""What is asked: equivariance, invariance, causes, receptive fields by gradient, curves and sweeps.

`measure.values` holds what a measurement answers and needs no torch; the modules that measure do.
"""
