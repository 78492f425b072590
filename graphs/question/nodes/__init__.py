"""One node a module, each a verb."""
