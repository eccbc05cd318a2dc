"""What is kept of each run, and trained models by name."""
