"""What is taught: synthetic data, the trainer, the experiments."""
