"""Date formats per language of the interface."""
