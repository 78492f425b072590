"""The steps of the profiles graph."""
