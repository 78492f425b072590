"""State machines, one folder each."""
