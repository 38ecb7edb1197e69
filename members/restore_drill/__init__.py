"""The restore drill: a rehearsal on scratch copies of this installation's own databases."""
