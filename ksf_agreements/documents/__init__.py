"""Word documents: the context that fills a template, the template engine and the writing of files."""
