"""Imports: reading files, checking rows, previewing, applying; and sample people for the demo."""
