"""Suites, benchmarks and small data of our own."""
