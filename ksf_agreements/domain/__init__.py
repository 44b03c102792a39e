"""The rules: what an agreement is, what is wrong with one, what a date means. No files, no clock."""
