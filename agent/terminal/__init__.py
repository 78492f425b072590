"""The conversation in a terminal: what is typed, completed and shown while it works."""
