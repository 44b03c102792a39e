"""The cluster files: checked, begun, filled in as a form or as a spreadsheet."""
