"""What Digit Studio claims, measured: one script a claim."""
