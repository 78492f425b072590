"""Evaluation suites: tasks of dataset, solver and scorer, run over a home folder, compared, reported and gated."""
