"""Passages and papers found for a question."""
