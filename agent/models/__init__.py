"""Chat models and what is needed to load them safely."""
