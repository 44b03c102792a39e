"""Scans of paper, made here: pages as they come back, and how surely they are filed. ``python -m tests.scans``."""
