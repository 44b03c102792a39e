"""The archive: a dossier of an agreement with its arkivmelding, that can be checked anywhere."""
