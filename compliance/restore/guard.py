"""Is the application closed, because a database was put back from a backup and nobody has signed that off?

Every process looks at most every ten seconds, the worker at every turn. What cannot be read counts as closed.
"""

import logging
from dataclasses import dataclass
from time import monotonic

from django.db import DatabaseError, connections
from django.utils.translation import gettext as _

from compliance.models import RestoreReport
from compliance.restore.state import findings

log = logging.getLogger(__name__)
KEEP, KEEP_UNREAD = 10.0, 1.0  # Seconds.
UNREAD = "unread"


@dataclass(frozen=True)
class _Seen:
    """What the last look found, and until when (monotonic clock) that is good enough."""

    until: float = 0.0
    names: tuple[str, ...] = ()


class Closed(RuntimeError):
    """A command was refused; its words are for the person at the terminal."""


_seen = _Seen()


def is_closed() -> bool:
    """Tell whether people and timetable have to wait; costs a comparison, every ten seconds seven small queries."""
    return bool(names())


def names() -> tuple[str, ...]:
    """Return the names of what was put back, ``unread`` if that cannot be told, nothing when open."""
    return _seen.names if monotonic() < _seen.until else look()


def look() -> tuple[str, ...]:
    """Look now, whatever is remembered; a change is logged once."""
    global _seen
    found = _read()
    if found != _seen.names:
        _tell(found)
    keep = KEEP_UNREAD if UNREAD in found else KEEP
    _seen = _Seen(monotonic() + keep, found)
    return found


def at_start() -> None:
    """Look once when a process starts, so that its log says it; the process stays alive and answers closed."""
    look()
    connections.close_all()  # Processes that are forked from this one open their own.


def require_open() -> None:
    """Raise ``Closed`` with one sentence that says what to do next."""
    found = names()
    if UNREAD in found:
        raise Closed(
            _(
                "Closed: nobody can tell whether a database was put back, because one of them or the tail does "
                "not answer. Try: manage.py restore status"
            )
        )
    if found:
        raise Closed(
            _("Closed for a check, because of a restore: %(names)s. See docs/restore.md.")
            % {"names": ", ".join(found)}
        )


def _read() -> tuple[str, ...]:
    try:
        found = {one.name for one in findings()}
        for report in RestoreReport.objects.exclude(state=RestoreReport.State.SIGNED_OFF):
            found.update(report.names)
    except (DatabaseError, OSError, ValueError, KeyError) as error:
        log.error("the restore guard cannot read: %s", type(error).__name__)
        return (UNREAD,)
    return tuple(sorted(found))


def _tell(found: tuple[str, ...]) -> None:
    if found:
        log.error("closed for a check after a restore: %s; see docs/restore.md", ", ".join(found))
    else:
        log.warning("open again: the restore was signed off or undone")
