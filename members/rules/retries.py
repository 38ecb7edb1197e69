"""When a message that did not leave is tried again, and when trying ends."""

from datetime import timedelta

DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60))
GIVE_UP_AFTER = timedelta(hours=96)
MOST_ERRORS = 8  # Tries of a message that fails in our own hands: about four hours, time to mend a fault of ours.


def delay_after(attempts: int) -> timedelta | None:
    """Return the wait after the n-th failed try, ``None`` when 96 hours of trying are over.

    Example: after the first try one minute, after the fifth and every later one an hour.
    """
    waited = sum((_delay(number) for number in range(1, attempts)), timedelta())
    return _delay(attempts) if waited < GIVE_UP_AFTER else None


def delay_after_error(attempts: int) -> timedelta | None:
    """Return the wait after the n-th try that an error of our own ended, ``None`` after the eighth."""
    return _delay(attempts) if attempts < MOST_ERRORS else None


def _delay(attempt: int) -> timedelta:
    return DELAYS[min(attempt, len(DELAYS)) - 1]
