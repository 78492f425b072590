"""What decides whether a wording in words of its own is borne by its quotation."""
