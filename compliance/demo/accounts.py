"""The staff of the demo: one account per role, appointed to every service, all with one random password."""

from dataclasses import dataclass
from datetime import datetime

from compliance.actions import account as actions
from compliance.models import Account, Service


@dataclass(frozen=True)
class Sample:
    """One demo account."""

    email: str
    name: str
    role: str


SAMPLES = (
    Sample("chief@example.com", "Dana Chief", "chief_officer"),
    Sample("second@example.com", "Sam Second", "officer"),
    Sample("handler@example.com", "Hana Handler", "handler"),
    Sample("marketing@example.com", "Mika Marketing", "marketing"),
    Sample("auditor@example.com", "Audi Auditor", "auditor"),
    Sample("admin@example.com", "Ado Admin", "administrator"),
)


def ensure(password: str, *, now: datetime) -> None:
    """Open the accounts and appointments that are missing."""
    for sample in SAMPLES:
        account = Account.objects.filter(email=sample.email).first()
        if account is None:
            account = actions.open_staff(sample.email, sample.name, password, actor=None, now=now)
        for service in Service.objects.all():
            actions.appoint(
                account, service, sample.role, appointed_on=now.date(), actor=None, now=now
            )
