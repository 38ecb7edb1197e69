"""Registry: what a version will do to last days, counted before it takes effect.

This app holds no record; an outer app registers its count in ``AppConfig.ready()``:

    clock_report.register(changes_of_version)
"""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from compliance.rules.clock_change import Tally

if TYPE_CHECKING:
    from compliance.models import PolicyVersion

CountOf = Callable[["PolicyVersion", date], Tally]
_counts: list[CountOf] = []


def register(count_of: CountOf) -> None:
    """Take over the count: version, and the local day that counts while the version has none."""
    _counts[:] = [count_of]


def changes(version: "PolicyVersion", *, on: date) -> Tally | None:
    """Return what a version will do; None while nobody counts, its rows are no policy yet, or it is in force."""
    if version.state not in version.OPEN:
        return None
    try:
        return next((count_of(version, on) for count_of in _counts), None)
    except (KeyError, ValueError):  # Rows that a check lists as problems may not read as a policy.
        return None
