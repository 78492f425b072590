"""One ability each, callable without a graph."""
