"""The register's storage: one SQLite file that holds the journal, what lies beside it, and what is computed from it."""
