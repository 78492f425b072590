"""Profiles as pages: Markdown, and HTML that stands alone."""
