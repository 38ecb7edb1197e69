"""A service with people, and an announced change that everybody has to be told of."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from compliance.actions import policy_copy, policy_version
from compliance.models import Notice, PolicyPurpose, PolicyUse, PolicyVersion, Service
from compliance.selectors import policy_values
from compliance.sweeps import Report
from members.actions import delivery_plan, delivery_send, record
from members.models import DataSubject, Delivery
from tests.tools import cast

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
LANGUAGES = ("ko", "en", "id")


def people(of: Service, count: int, *, start: int = 0) -> list[DataSubject]:
    """Return members who joined long ago, with an e-mail address each, languages in turn."""
    version = cast.version(of)
    made = DataSubject.objects.bulk_create(
        DataSubject(
            service=of,
            kind="member",
            status="active",
            language=LANGUAGES[number % 3],
            agreed_version=version,
            source="test",
            joined_at=cast.JOINED,
            last_used_at=cast.JOINED,
        )
        for number in range(start, start + count)
    )
    policy = policy_values(version)
    for first in range(0, count, 500):
        record.keep_many(
            [
                record.NewValues(
                    subject, {"email": address(start + first + place)}, cast.JOINED, "test"
                )
                for place, subject in enumerate(made[first : first + 500])
            ],
            policy=policy,
            actor=None,
            now=cast.JOINED,
        )
    return made


def address(number: int) -> str:
    """Return the address of the n-th person."""
    return f"person{number}@mail.example"


def announced(of: Service, *, now: datetime = NOW, effective_on: date | None = None) -> Notice:
    """Return the published notice of an important change: a new purpose."""
    author, approver = cast.officer("author", of), cast.officer("approver", of)
    draft = policy_copy.copy_in_force(of, actor=author, now=now)
    add_purpose(draft)
    day = effective_on or (now + timedelta(days=40)).date()
    policy_version.submit(draft, effective_on=day, actor=author, now=now)
    policy_version.approve(draft, actor=approver, now=now)
    return policy_version.announce(draft, actor=approver, now=now)


def add_purpose(draft: PolicyVersion) -> None:
    """Add a purpose that rests on consent to a draft."""
    PolicyPurpose.objects.create(
        version=draft,
        position=900,
        code="parcel_stories",
        label="Send stories about parcels",
        group="marketing",
        basis="consent",
        separate_consent=True,
        clause="4",
    )
    PolicyUse.objects.create(
        version=draft,
        position=900,
        clause="4",
        items=["email"],
        purposes=["parcel_stories"],
        subjects=["member"],
        needs_consent=True,
    )


def planned(of: Service, count: int = 3) -> tuple[list[DataSubject], Notice]:
    """Return people and the notice whose messages to them are planned."""
    made = people(of, count)
    notice = announced(of)
    delivery_plan.plan(notice, actor=None, now=NOW)
    return made, notice


def send(now: datetime = NOW) -> Report:
    """Send everything that is due at a moment."""
    return delivery_send.send_until(now, seconds=30)


def states() -> dict[str, int]:
    """Count the messages by state."""
    return dict(Counter(Delivery.objects.values_list("state", flat=True)))
