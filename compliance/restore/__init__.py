"""Finding out that a database was put back from a backup."""
