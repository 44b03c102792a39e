"""Agreements as documents: generated, converted to PDF, previewed, and compared with what was issued."""
