"""Who signs and who has signed: signatures recorded, and files that come back examined and filed."""
