"""One node a module, each a verb: reads its context, calls one tool, returns a small dict."""
