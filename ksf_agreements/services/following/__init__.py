"""How every agreement stands: the overview, what is due, the report, Excel and the calendar."""
