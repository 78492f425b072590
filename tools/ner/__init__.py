"""Question understanding: mentions, intent, filters, follow-ups."""
