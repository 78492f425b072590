"""Replaceable taggers: models of other makers behind the one boundary, helped out by rules where they know nothing."""
