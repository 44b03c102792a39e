"""A document beside what was issued: its passages, and which clauses, words and values differ."""
