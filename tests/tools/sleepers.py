"""People who did not use a service for its period and were told: ready to be set apart."""

from datetime import UTC, date, datetime

from compliance.models import Account, Service
from members.models import DataSubject, Dormancy
from tests.tools import cast

LAST_USED = datetime(2025, 11, 20, 3, tzinfo=UTC)
LAST_USED_ON, SEPARATE_ON = date(2025, 11, 20), date(2026, 11, 21)


def tell(person: DataSubject, by: Account) -> Dormancy:
    """Note that an officer told somebody, who has not come since 20 November 2025."""
    DataSubject.objects.filter(pk=person.pk).update(last_used_at=LAST_USED)
    person.refresh_from_db()
    return Dormancy.objects.create(
        subject=person,
        service=person.service,
        rule_code="dormancy_1y",
        state=Dormancy.State.TOLD,
        last_used_on=LAST_USED_ON,
        notice_due_on=date(2026, 10, 22),
        separate_on=SEPARATE_ON,
        told_on=date(2026, 10, 22),
        told_channel=Dormancy.Channel.PHONE,
        told_by=by,
    )


def member(of: Service, by: Account, name: str = "minji", number: int = 0) -> DataSubject:
    """Return a member with a history who was told."""
    person = cast.member(of, name, mobile=f"010-7000-{number:04}")
    cast.history(person)
    tell(person, by)
    return person
