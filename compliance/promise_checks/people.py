"""Who may see what, and what people have attested."""

from collections.abc import Iterable

from compliance.models import Attestation, OfficerAppointment
from compliance.promises import CheckContext, Finding, found, gravest
from compliance.roles import ROLES, permissions_of
from compliance.rules.calendar import Period, last_day
from compliance.rules.promises import Verdict

MASKED, VALUES = (
    "members.view_masked",
    frozenset({"members.reveal", "members.edit", "members.export"}),
)
FOR_AREA = {
    "all": ("chief_officer", "officer"),
    "separate_store": ("chief_officer", "officer"),
    "support": ("handler",),
    "orders": ("handler",),
    "per_task": ("handler",),
    "marketing": ("marketing",),
    "analytics": ("marketing",),
    "audit": ("auditor",),
}
IN_CHARGE = frozenset({"chief_officer", "officer"})
WITHOUT_PEOPLE = frozenset({"marketing", "auditor", "administrator"})


def role_limits(context: CheckContext) -> Finding:
    """The roles of the house reach no further than the role of the policy, and somebody holds one of them."""
    row = next(
        (row for row in context.policy.roles if row.code == context.params.get("role")), None
    )
    if row is None:
        return found(Verdict.NOT_BUILT, reason="row_missing")
    mine = sorted({role for area in row.areas for role in FOR_AREA.get(area, ())})
    too_wide = _too_wide(mine)
    running = OfficerAppointment.objects.filter(
        service=context.service, ended_on=None, account__is_active=True
    )
    held = list(running.values_list("role", flat=True))
    unknown = sum(role not in ROLES for role in held)
    people = sum(role in mine for role in held)
    verdict = gravest(
        [(bool(too_wide) or unknown > 0, Verdict.BROKEN), (people == 0, Verdict.WAITING_FOR_PERSON)]
    )
    return found(
        verdict,
        house_roles=" ".join(mine),
        people=people,
        too_wide=" ".join(too_wide),
        unknown_roles=unknown,
        reason="" if people else "nobody_appointed",
        page="admin:compliance_officerappointment_changelist",
    )


def _too_wide(roles: Iterable[str]) -> list[str]:
    """Roles that open more than their area: values outside the hands in charge, people outside a task."""
    wide = {role for role in ROLES if role not in IN_CHARGE and VALUES & permissions_of([role])}
    wide |= {role for role in WITHOUT_PEOPLE & set(ROLES) if MASKED in permissions_of([role])}
    return sorted(wide & {*roles, *WITHOUT_PEOPLE})


def control_attested(context: CheckContext) -> Finding:
    """A person has attested the measure, and not longer ago than the interval of the policy."""
    control = str(context.params.get("control", ""))
    interval = Period.parse(str(context.params.get("interval", "P12M")))
    days = Attestation.objects.filter(
        service=context.service, control=control, attested_on__lte=context.today
    ).order_by("-attested_on", "-pk")
    attested_on = days.values_list("attested_on", flat=True).first()
    if attested_on is None:
        return found(Verdict.WAITING_FOR_PERSON, reason="never_attested")
    until = last_day(attested_on, interval)
    over = until < context.today
    return found(
        Verdict.WAITING_FOR_PERSON if over else Verdict.KEPT,
        attested_on=attested_on,
        until=until,
        reason="attestation_expired" if over else "",
    )
