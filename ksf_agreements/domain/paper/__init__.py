"""Agreements that were signed on paper before the register existed."""
