"""What looks: specs, presets, geometry and weights (numpy only), and the torch modules that run them."""
