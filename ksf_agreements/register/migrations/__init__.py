"""Alembic migrations of the register, run by `register.migrate`; there is no ini file."""
