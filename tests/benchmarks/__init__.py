"""The benchmarks: ratios between ours and the naive way, both in one run (`python -m tests.benchmarks`)."""
