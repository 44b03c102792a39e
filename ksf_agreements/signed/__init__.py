"""Reading what comes back signed: electronic signatures, scans, and what is in them that should not be."""
