"""The package to sign: bound, sent, kept, and put together again when it is signed."""
