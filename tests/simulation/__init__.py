"""The whole country for years, every date checked by the oracle: ``python -m tests.simulation --years 10``."""
