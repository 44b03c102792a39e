"""The dossier of an agreement, for an archive."""
