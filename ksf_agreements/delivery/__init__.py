"""What leaves the workspace: channels to signers, mail, calendar and spreadsheets."""
