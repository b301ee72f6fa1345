"""What a map looks like: levels, look-up tables applied, mosaics (numpy, no Qt)."""
