"""The question's way from words to a grounded reply."""
