"""The application: settings, models, wiring, sessions and the commands."""
