"""The state machine that summarizes many authors side by side."""
