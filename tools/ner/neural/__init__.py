"""The trained tagger: a small encoder that reads labels of words and the intent of a question in one pass."""
