"""Transitions of a service: taking over what its policy says, settling findings, going live."""

from datetime import datetime

from django.db import transaction

from compliance import ledger, selectors
from compliance.models import Account, FindingSettlement, PolicyFinding, PolicyVersion, Service
from compliance.rules.calendar import Period

# Facts of [service] that other rows read from the service itself.
CARRIED = (
    "name",
    "operator",
    "operator_country",
    "market_country",
    "timezone",
    "policy_languages",
    "notice_languages",
    "representative",
)


class FindingsOpen(Exception):
    """The service cannot go live: ``findings`` lists what has to be settled first."""

    def __init__(self, findings: list[PolicyFinding]) -> None:
        super().__init__("blocking findings are open")
        self.findings = findings


def carry_facts(version: PolicyVersion) -> Service:
    """Copy onto the service what a version that takes effect says about it, and return the service."""
    service = version.service
    for name in CARRIED:
        setattr(service, name, getattr(version, name))
    service.save(update_fields=CARRIED)
    return service


def settle_finding(
    finding: PolicyFinding,
    text: str,
    *,
    is_sample: bool = False,
    actor: Account | None,
    now: datetime,
) -> FindingSettlement:
    """Write down how a finding was settled; settling it again changes nothing and returns the first."""
    with transaction.atomic():
        settlement, created = FindingSettlement.objects.get_or_create(
            finding=finding,
            defaults={"text": text, "is_sample": is_sample, "settled_at": now, "settled_by": actor},
        )
        if created:
            ledger.record(
                "compliance.finding.settled",
                actor=actor,
                now=now,
                service=finding.version.service,
                obj=f"policy_version:{finding.version_id}",
                data={"finding": finding.code, "sample": is_sample},
            )
    return settlement


def go_live(service: Service, *, actor: Account | None, now: datetime) -> Service:
    """Open a service; ``FindingsOpen`` with the list while blocking findings are unsettled."""
    with transaction.atomic():
        locked = Service.objects.select_for_update().get(pk=service.pk)
        if locked.is_live:
            return locked
        version = selectors.policy_in_force(locked)
        findings = list(selectors.blocking_findings(locked))
        if version is None or findings:
            raise FindingsOpen(findings)
        locked.state, locked.went_live_at = Service.State.LIVE, now
        locked.save(update_fields=["state", "went_live_at"])
        data = {"number": version.number}
        ledger.record(
            "compliance.service.went_live", actor=actor, now=now, service=locked, data=data
        )
    return locked


def set_one_officer_mode(
    service: Service, *, enabled: bool, reason: str, actor: Account | None, now: datetime
) -> Service:
    """Let one officer approve alone, with the owner's reason, or stop it; the reason may not be empty."""
    if enabled and not reason.strip():
        raise ValueError("reason")
    with transaction.atomic():
        locked = Service.objects.select_for_update().get(pk=service.pk)
        locked.one_officer_mode = enabled
        locked.one_officer_reason = reason.strip() if enabled else ""
        locked.save(update_fields=["one_officer_mode", "one_officer_reason"])
        data = {"one_officer": enabled}
        ledger.record(
            "compliance.service.approval_mode_set",
            actor=actor,
            now=now,
            service=locked,
            obj=f"service:{locked.pk}",
            data=data,
        )
    return locked


def set_dormant_keep(
    service: Service, *, period: str, actor: Account | None, now: datetime
) -> Service:
    """Set how long dormant members stay apart (ISO 8601, whole days or more), or take it back with "".

    Raises ``ValueError`` for anything else and for a period of nothing (X-MIK-9).
    """
    text = str(_whole_days(period.strip())) if period.strip() else ""
    with transaction.atomic():
        locked = Service.objects.select_for_update().get(pk=service.pk)
        locked.dormant_keep = text
        locked.save(update_fields=["dormant_keep"])
        ledger.record(
            "compliance.service.dormant_keep_set",
            actor=actor,
            now=now,
            service=locked,
            obj=f"service:{locked.pk}",
            data={"period": text or "none"},
        )
    return locked


def _whole_days(text: str) -> Period:
    period = Period.parse(text)
    if period.is_zero or period.is_sub_day:
        raise ValueError("period")
    return period
