"""Hard use of the register: killed writers, many writers, tampering, backups under load (`python -m tests.torture`)."""
