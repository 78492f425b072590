"""Papers and authority records read, cut, embedded and stored."""
