"""The commands of the terminal, by subject; each imports what it needs when it runs."""
