"""Routes, a module for each page or group of pages; each translates only."""
