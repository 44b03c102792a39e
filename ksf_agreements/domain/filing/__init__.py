"""What becomes of a file that came back."""
