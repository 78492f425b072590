"""Makes the training data of the tagger, trains it, measures it and writes the files that are shipped."""
