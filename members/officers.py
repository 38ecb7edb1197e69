"""Whom to write to: the published privacy officers of a service and its contact rows."""

from dataclasses import dataclass

from compliance.models import OfficerAppointment, Service
from compliance.rules.policy_values import Contact
from compliance.selectors import policy_in_force, policy_values

TITLES = ("chief_officer", "officer")


@dataclass(frozen=True)
class ContactPoint:
    """The privacy officer in the foot of every page; empty where nothing is published."""

    name: str = ""
    title: str = ""
    email: str = ""
    phone: str = ""


def contact(service: Service) -> ContactPoint:
    """Return who answers, and how the policy in force says that one is reached."""
    version = policy_in_force(service)
    if version is None:
        return ContactPoint()
    rows = policy_values(version).contacts
    first = next(iter(published(service)), None)
    return ContactPoint(
        name=first.account.full_name if first else "",
        title=first.public_title if first else "",
        email=_first(rows, "email"),
        phone=_first(rows, "phone"),
    )


def published(service: Service) -> list[OfficerAppointment]:
    """Return the running appointments that the service shows to the public, chief officer first (MIK-18.1)."""
    shown = OfficerAppointment.objects.filter(
        service=service, published=True, ended_on=None, role__in=TITLES
    ).select_related("account")
    return sorted(shown, key=lambda one: (TITLES.index(one.role), one.appointed_on))


def _first(rows: tuple[Contact, ...], channel: str) -> str:
    return next((row.value for row in rows if row.channel == channel and row.value), "")
