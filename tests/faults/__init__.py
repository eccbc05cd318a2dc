"""What is kept and what is said when something breaks: `python -m tests.faults` prints it as a table."""
