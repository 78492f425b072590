"""Facts of an author, and their wording."""
