"""Answers worded from evidence and checked against it."""
