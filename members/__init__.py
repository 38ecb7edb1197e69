"""The living floor: all personal data lies here and only here."""
