"""Segregated subjects and records, in a database of their own."""
