"""A crowd for benchmarks: MIKMIK with many members, each with sealed account data, written in batches."""

from collections.abc import Iterator
from datetime import UTC, datetime

from compliance.models import Service
from compliance.selectors import policy_values
from members.actions import record
from members.models import DataSubject
from tests.tools import cast

JOINED = datetime(2024, 3, 2, 1, tzinfo=UTC)
BATCH = 1_000


def members(count: int) -> Service:
    """Return MIKMIK with ``count`` active members in three languages."""
    service = cast.service()
    version = cast.version(service)
    for first in range(0, count, BATCH):
        people = DataSubject.objects.bulk_create(
            _people(service, version, first, min(first + BATCH, count))
        )
        rows = [
            record.NewValues(one, _values(n), JOINED, "registration")
            for n, one in enumerate(people, first)
        ]
        record.keep_many(rows, policy=policy_values(version), actor=None, now=JOINED)
    return service


def _people(service, version, first: int, last: int) -> Iterator[DataSubject]:
    for number in range(first, last):
        yield DataSubject(
            service=service,
            kind="member",
            status="active",
            language=("ko", "en", "id")[number % 3],
            agreed_version=version,
            source="registration",
            joined_at=JOINED,
            last_used_at=JOINED,
        )


def _values(number: int) -> dict[str, str]:
    return {
        "name": f"Person {number}",
        "login_id": f"person-{number}",
        "email": f"person{number}@mail.example",
        "mobile": f"010-{number // 10_000:04}-{number % 10_000:04}",
    }
