"""The web pages: an entrance beside the command line, with the same services behind it; no rule lives in a route."""
