"""One module per revision, each named in `register.migrate.BUILT_IN`."""
