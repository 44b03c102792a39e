"""From files to values: YAML and CSV become typed clusters, or problems with their places."""
