"""Training of the linker's rankers on labelled mentions, and measuring them beside simple methods."""
