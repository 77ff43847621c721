"""What casework costs, beside the floor and its peers, measured in one run: `python -m benchmarks`."""
