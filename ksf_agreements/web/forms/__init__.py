"""Large forms: what is typed in them, what their buttons do, and how they are shown."""
