"""Logs without people: what looks like an address, a number or a token is blotted out."""

import logging
import re
import traceback

ADDRESS = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+")
DECIMAL = r"(?!\d+\.\d+(?![\d.-]))"  # Seconds and shares are figures, not people.
LONG_NUMBER = re.compile(rf"(?<![\w.-]){DECIMAL}\+?\d(?:[ .-]?\d){{8,}}(?![\w-])")
LONGEST_CHAIN = 10


class RedactFilter(logging.Filter):
    """Blot out addresses and long numbers in every message, and whatever an error says in its own words."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place and let it pass."""
        record.msg, record.args = redact(record.getMessage()), ()
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        if error is not None:
            record.msg = _unsaid(record.msg, error)
            record.exc_info, record.exc_text = None, where(error)
        return True


def where(error: BaseException) -> str:
    """Return where an error and its causes arose, and their types; what they say may quote a person.

    Example: ``File "/srv/members/gate.py", line 12, in values`` and ``KeyError`` under it.
    """
    chain: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(chain) < LONGEST_CHAIN:
        frames = traceback.extract_tb(cause.__traceback__)
        places = [f'  File "{one.filename}", line {one.lineno}, in {one.name}' for one in frames]
        chain.insert(0, "\n".join([*places, type(cause).__name__]))
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return "\n\n".join(chain)


def _unsaid(text: str, error: BaseException) -> str:
    for words in filter(None, (repr(error), redact(repr(error)), str(error), redact(str(error)))):
        text = text.replace(words, type(error).__name__)
    return text


def redact(text: str) -> str:
    """Return the text without e-mail addresses and without numbers that could be a telephone or card.

    Example: ``redact("to a@b.kr failed")`` is ``"to [address] failed"``.
    """
    return LONG_NUMBER.sub("[number]", ADDRESS.sub("[address]", text))
