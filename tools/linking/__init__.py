"""Mentions linked to canonical records."""
