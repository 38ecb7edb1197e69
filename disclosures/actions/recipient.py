"""Recipients of the register: added, changed, ended. Nobody is deleted, so that it stays known who was given data.

Source: a recipient stands on the public list before it is given anything (MIK-6.4a, LEJ-6); ending keeps the row.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from compliance import ledger
from compliance.models import Account, Service
from compliance.rules.policy_values import Policy
from compliance.rules.policy_values import Recipient as Row
from compliance.selectors import policy_in_force, policy_values
from disclosures.models import Recipient

CHANGEABLE = frozenset(
    {
        "name",
        "contact_email",
        "country",
        "items",
        "purposes",
        "posted_on",
        "agreement_reference",
        "agreement_until",
    }
)


class NotPossible(ValueError):
    """The policy does not allow it, or the recipient has ended; ``field`` and a code say what is wrong."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(f"{field}: {code}")
        self.field, self.code = field, code


def add(
    service: Service,
    *,
    policy_code: str,
    name: str,
    since_on: date,
    items: list[str],
    purposes: list[str],
    contact_email: str = "",
    country: str = "",
    posted_on: date | None = None,
    agreement_reference: str = "",
    agreement_until: date | None = None,
    actor: Account | None,
    now: datetime,
) -> Recipient:
    """Enter a recipient under a row of the policy in force; its kind is that of the row.

    Raises ``NotPossible`` with the field and one of ``row_unknown``, ``item_not_in_row``, ``purpose_not_in_row``,
    ``agreement_needed``, ``name_taken``.
    """
    row = row_of(service, policy_code)
    fields = {
        "name": name.strip(),
        "contact_email": contact_email,
        "country": country,
        "items": items,
        "purposes": purposes,
        "posted_on": posted_on,
        "agreement_reference": agreement_reference,
        "agreement_until": agreement_until,
    }
    _check(row, fields)
    with transaction.atomic():
        _check_name(service, fields["name"])
        made = Recipient.objects.create(
            service=service, policy_code=policy_code, kind=row.kind, since_on=since_on, **fields
        )
        _record(
            "disclosures.recipient.added",
            made,
            row,
            actor=actor,
            now=now,
            data={
                "policy_row": policy_code,
                "kind": row.kind,
                "items": len(items),
                "posted": posted_on is not None,
            },
        )
    return made


def change(
    recipient: Recipient, fields: Mapping[str, Any], *, actor: Account | None, now: datetime
) -> Recipient:
    """Change what is not part of its identity (``CHANGEABLE``); refusals as in ``add``, and ``has_ended``."""
    row = row_of(recipient.service, recipient.policy_code)
    wanted = {name: value for name, value in fields.items() if name in CHANGEABLE}
    _check(row, wanted)
    with transaction.atomic():
        locked = (
            Recipient.objects.select_for_update().select_related("service").get(pk=recipient.pk)
        )
        if locked.ended_on is not None:
            raise NotPossible("name", "has_ended")
        changed = [name for name, value in wanted.items() if getattr(locked, name) != value]
        if "name" in changed:
            _check_name(locked.service, wanted["name"])
        for name in changed:
            setattr(locked, name, wanted[name])
        if changed:
            locked.save(update_fields=changed)
            data = {"fields": ".".join(sorted(changed))}
            _record("disclosures.recipient.changed", locked, row, actor=actor, now=now, data=data)
    return locked


def end(recipient: Recipient, *, ended_on: date, actor: Account | None, now: datetime) -> Recipient:
    """End a recipient: nothing more is given, the public list drops it, the row stays."""
    with transaction.atomic():
        locked = (
            Recipient.objects.select_for_update().select_related("service").get(pk=recipient.pk)
        )
        if locked.ended_on is not None:
            raise NotPossible("ended_on", "has_ended")
        if ended_on < locked.since_on:
            raise NotPossible("ended_on", "before_it_began")
        locked.ended_on = ended_on
        locked.save(update_fields=["ended_on"])
        data = {"ended_on": ended_on}
        _record("disclosures.recipient.ended", locked, None, actor=actor, now=now, data=data)
    return locked


def check(
    service: Service,
    policy_code: str,
    fields: Mapping[str, Any],
    *,
    existing: Recipient | None = None,
) -> None:
    """Ask whether a recipient may be entered or changed like this; raises ``NotPossible``, writes nothing."""
    _check(row_of(service, policy_code), fields)
    name = str(fields.get("name", "")).strip()
    if existing is None or existing.name != name:
        _check_name(service, name)


def policy_of(service: Service) -> Policy | None:
    """Return the policy in force of a service, None while there is none."""
    version = policy_in_force(service)
    return policy_values(version) if version else None


def row_of(service: Service, policy_code: str) -> Row:
    """Return the recipient row of the policy in force; raises ``NotPossible``."""
    policy = policy_of(service)
    found = (
        next((row for row in policy.recipients if row.code == policy_code), None)
        if policy
        else None
    )
    if found is None:
        raise NotPossible("policy_code", "row_unknown")
    return found


def _check(row: Row, fields: Mapping[str, Any]) -> None:
    """Items and purposes stay within the row; a row without items leaves the choice to its entries."""
    if row.items and set(fields.get("items", ())) - set(row.items):
        raise NotPossible("items", "item_not_in_row")
    if set(fields.get("purposes", ())) - set(row.purposes):
        raise NotPossible("purposes", "purpose_not_in_row")
    if (
        row.contract_required
        and "agreement_reference" in fields
        and not fields["agreement_reference"]
    ):
        raise NotPossible("agreement_reference", "agreement_needed")


def _check_name(service: Service, name: str) -> None:
    if Recipient.objects.filter(service=service, name=name, ended_on=None).exists():
        raise NotPossible("name", "name_taken")


def _record(
    code: str,
    recipient: Recipient,
    row: Row | None,
    *,
    actor: Account | None,
    now: datetime,
    data: Mapping[str, Any],
) -> None:
    ledger.record(
        code,
        actor=actor,
        now=now,
        service=recipient.service,
        obj=f"recipient:{recipient.pk}",
        clause=row.clause if row else "",
        data={"recipient": f"recipient:{recipient.pk}", **data},
    )
