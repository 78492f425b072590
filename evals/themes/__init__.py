"""Theme ranking: our own graded texts, the training on them, and the evaluation on anybody's."""
