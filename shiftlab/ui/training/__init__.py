"""Training in front of a person's eyes: the experiments, their controls, curves, weights and verdicts."""
