"""Everything Digit Studio does, without its pages: data, architectures, training, drawings and runs."""
