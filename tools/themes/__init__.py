"""Ranking themes for a text, and saying what the text says of the best ones."""
