"""Chat models elsewhere: OpenAI-compatible servers and LangChain's providers, with the options and errors of the local one."""
