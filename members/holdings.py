"""Registry of every place that holds data about a person besides records: how to destroy it.

Each place registers in ``AppConfig.ready()``; leaving the house walks through all of them.
"""

from collections.abc import Callable
from datetime import datetime

from members.models import DataSubject

Destroy = Callable[[DataSubject, datetime], int]
_places: dict[str, Destroy] = {}


def register(name: str, destroy: Destroy) -> None:
    """Add a place; a name registered twice replaces the first."""
    _places[name] = destroy


def places() -> tuple[str, ...]:
    """Return the names of all registered places."""
    return tuple(_places)


def destroy_all(subject: DataSubject, *, now: datetime) -> dict[str, int]:
    """Destroy what every place holds about a person; safe to repeat. Returns how much each place held."""
    return {name: destroy(subject, now) for name, destroy in _places.items()}
