"""Chat models that are known to work here: what they are, where they come from, what they need, and those kept here."""
