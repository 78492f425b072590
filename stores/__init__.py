"""What is kept: records, the SQLite catalogue, Chroma passages, FAISS names, conversations."""
