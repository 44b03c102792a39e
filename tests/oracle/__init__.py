"""An independent oracle of the rules of time: written from the specification, not from the code."""
