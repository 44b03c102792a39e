"""Cooperation agreements of Norwegian municipal clusters in KSF."""

__version__ = "0.1.0"
