"""Hostile passages: whether text of papers can change what is answered, and how."""
