"""Logs without people: what looks like an address, a number or a token is blotted out."""

import logging
import re

ADDRESS = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+")
DECIMAL = r"(?!\d+\.\d+(?![\d.-]))"  # Seconds and shares are figures, not people.
LONG_NUMBER = re.compile(rf"(?<![\w.-]){DECIMAL}\+?\d(?:[ .-]?\d){{8,}}(?![\w-])")


class RedactFilter(logging.Filter):
    """Blot out addresses and long numbers in every message, whatever library wrote it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place and let it pass."""
        record.msg = redact(record.getMessage())
        record.args = ()
        return True


def redact(text: str) -> str:
    """Return the text without e-mail addresses and without numbers that could be a telephone or card.

    Example: ``redact("to a@b.kr failed")`` is ``"to [address] failed"``.
    """
    return LONG_NUMBER.sub("[number]", ADDRESS.sub("[address]", text))
