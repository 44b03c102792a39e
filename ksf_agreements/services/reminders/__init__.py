"""Reminders: decided, worded, sent, and the mails that wait to be sent by hand."""
