"""Who may do what: role x permission, declared once and read by every admin page.

A role reaches only as far as the appointment that gives it: the officer of one service sees
nothing of another. Nothing here is stored; groups are synced from it after each migration.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from compliance.models import Account, Service

if TYPE_CHECKING:
    from django.db.models import QuerySet

PERMISSIONS: dict[str, Any] = {
    "dashboard.view": _("See what is due today"),
    "requests.view": _("See requests"),
    "requests.handle": _("Work on requests"),
    "requests.decide": _("Decide on requests"),
    "members.view_masked": _("See people, masked"),
    "members.reveal": _("Reveal one value, with a reason"),
    "members.edit": _("Correct what is held about a person"),
    "members.withdraw": _("End a membership for a person"),
    "members.import": _("Import people and events"),
    "members.export": _("Export people"),
    "segments.view": _("See numbers and segments, never values"),
    "consents.view": _("See answers to consents"),
    "consents.record": _("Record an answer that came by phone or post"),
    "policies.view": _("See policies and versions"),
    "policies.edit": _("Edit a draft version"),
    "policies.approve": _("Approve another officer's version"),
    "policies.announce": _("Announce and cancel versions"),
    "notices.view": _("See notices"),
    "notices.manage": _("Pause and retry notices"),
    "deliveries.view": _("See sent mail"),
    "deliveries.retry": _("Send failed mail again"),
    "recipients.view": _("See recipients"),
    "recipients.manage": _("Add and end recipients"),
    "provisions.view": _("See provisions"),
    "provisions.manage": _("Provide data to a recipient"),
    "agency.view": _("See agency requests"),
    "agency.handle": _("Register and release agency requests"),
    "retention.view": _("See rules and what is due"),
    "retention.plan": _("Plan a destruction"),
    "retention.approve": _("Approve another officer's plan"),
    "holds.manage": _("Set and lift holds"),
    "archive.view": _("See who asked to read what is kept apart, never what was read"),
    "archive.ask": _("Ask to read what is kept apart of one person"),
    "archive.release": _("Release another officer's reading of the archive"),
    "certificates.view": _("See certificates of destruction"),
    "paper.view": _("See the paper register"),
    "paper.manage": _("Register paper and report it as destroyed"),
    "paper.witness": _("Confirm as witness that paper was destroyed"),
    "promises.view": _("See the promise board"),
    "promises.attest": _("Attest a promise in person"),
    "ledger.view": _("See the audit trail"),
    "ledger.export": _("Export the audit trail"),
    "reveals.view": _("See who viewed personal data"),
    "officers.view": _("See officers and access"),
    "officers.appoint": _("Appoint and relieve officers"),
    "services.view": _("See services"),
    "services.manage": _("Change settings of services"),
    "accounts.manage": _("Open and close staff accounts"),
    "jobs.view": _("See jobs"),
    "jobs.cancel": _("Stop a job"),
}

ROLE_NAMES: dict[str, Any] = {
    "chief_officer": _("Chief privacy officer"),
    "officer": _("Privacy officer"),
    "handler": _("Request handler"),
    "marketing": _("Marketing"),
    "auditor": _("Auditor"),
    "administrator": _("Administrator"),
}

_HANDLER = frozenset(
    {
        "dashboard.view",
        "requests.view",
        "requests.handle",
        "members.view_masked",
        "consents.view",
        "consents.record",
        "policies.view",
        "notices.view",
        "deliveries.view",
        "recipients.view",
        "paper.view",
        "paper.witness",
    }
)
_OFFICER = _HANDLER | {
    "requests.decide",
    "members.reveal",
    "members.edit",
    "members.withdraw",
    "members.import",
    "members.export",
    "segments.view",
    "policies.edit",
    "policies.approve",
    "policies.announce",
    "notices.manage",
    "deliveries.retry",
    "recipients.manage",
    "provisions.view",
    "provisions.manage",
    "agency.view",
    "agency.handle",
    "retention.view",
    "retention.plan",
    "retention.approve",
    "holds.manage",
    "archive.view",
    "archive.ask",
    "archive.release",
    "certificates.view",
    "paper.manage",
    "promises.view",
    "promises.attest",
    "ledger.view",
    "ledger.export",
    "reveals.view",
    "officers.view",
    "services.view",
    "jobs.view",
    "jobs.cancel",
}

ROLES: dict[str, frozenset[str]] = {
    "chief_officer": _OFFICER | {"officers.appoint", "services.manage"},
    "officer": _OFFICER,
    "handler": _HANDLER,
    "marketing": frozenset(
        {
            "dashboard.view",
            "segments.view",
            "policies.view",
            "notices.view",
            "recipients.view",
        }
    ),
    "auditor": frozenset(
        {
            "dashboard.view",
            "requests.view",
            "policies.view",
            "notices.view",
            "deliveries.view",
            "consents.view",
            "recipients.view",
            "provisions.view",
            "agency.view",
            "retention.view",
            "archive.view",
            "certificates.view",
            "paper.view",
            "promises.view",
            "ledger.view",
            "ledger.export",
            "reveals.view",
            "officers.view",
            "services.view",
            "jobs.view",
        }
    ),
    "administrator": frozenset(
        {
            "dashboard.view",
            "policies.view",
            "officers.view",
            "services.view",
            "services.manage",
            "accounts.manage",
            "jobs.view",
            "jobs.cancel",
        }
    ),
}


def role_choices() -> list[tuple[str, Any]]:
    """Roles in the order of the declaration, for forms and models."""
    return list(ROLE_NAMES.items())


def permissions_of(roles: Iterable[str]) -> frozenset[str]:
    """All permissions of some roles. Example: `permissions_of(["auditor"])` has `ledger.view`."""
    return frozenset().union(*(ROLES.get(role, frozenset()) for role in roles))


def may(account: Account | None, permission: str, service: Service | str | None = None) -> bool:
    """Whether a running appointment of `account` gives `permission`, for `service` or for any.

    Raises KeyError for a permission that is not declared above. Example: a handler of `mikmik`
    may "requests.handle" for mikmik, and nothing for leje.
    """
    PERMISSIONS[permission]
    granted = _grants(account)
    if service is None:
        return any(permission in permissions_of(roles) for roles in granted.values())
    slug = service if isinstance(service, str) else service.slug
    return permission in permissions_of(granted.get(slug, ()))


def services_of(account: Account | None, permission: str | None = None) -> QuerySet[Service]:
    """Services the account is appointed to; with `permission`, only where a role gives it."""
    granted = _grants(account)
    slugs = [
        slug
        for slug, roles in granted.items()
        if permission is None or permission in permissions_of(roles)
    ]
    return Service.objects.filter(slug__in=slugs)


def roles_of(account: Account | None) -> frozenset[str]:
    """Codes of all roles the account holds in any service."""
    return frozenset().union(*_grants(account).values())


def sync_groups() -> None:
    """One group per role, named by its code; a group that is no role of ours is left alone."""
    for role in ROLES:
        Group.objects.get_or_create(name=role)


def _grants(account: Account | None) -> dict[str, set[str]]:
    """Roles by service slug, read once per account object, so once per request."""
    if account is None or not (account.is_authenticated and account.is_active and account.is_staff):
        return {}
    cached: dict[str, set[str]] | None = getattr(account, "_office_grants", None)
    if cached is None:
        cached = {}
        running = account.appointments.filter(ended_on=None).values_list("service__slug", "role")
        for slug, role in running:
            cached.setdefault(slug, set()).add(role)
        account._office_grants = cached  # type: ignore[attr-defined]
    return cached
