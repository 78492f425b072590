"""The server: LangServe routes and plain ones over the same parts as the command line."""
