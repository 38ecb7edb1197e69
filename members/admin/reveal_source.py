"""Reveal of one value of one record, through the gate and into the ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from compliance.admin import labels, reveal
from compliance.keyring import sealing
from compliance.masking import HELD, NEVER_SHOWN
from compliance.models import Account
from compliance.register_words import said
from members import gate, selectors, words
from members.actions import identity_check
from members.admin.people_list import policy_of
from members.models import MEMBER_KINDS, Record

NAME = "record"
REFUSALS: dict[str, Any] = {
    "consent_missing": _("The person has not agreed to this purpose."),
    "withdrawn": _("The person has withdrawn the agreement to this purpose."),
    "not_agreed_yet": _("The person has not been asked about this purpose yet."),
    "restricted": _(
        "A hold stops the use of this item. It can be seen again when the hold is lifted."
    ),
    "left": _("The person has left. What is kept serves its own rule only."),
    "segregated": _("This is kept apart and serves its own rule only."),
    "not_permitted": _("The policy does not allow this item for this purpose."),
    "kind_not_permitted": _("The policy does not allow this item for this kind of person."),
}
REFUSED = _("The policy does not allow this use.")
GONE = _("This value is not there any more.")


class RecordSource:
    """Values in records; `object_id` is the record, `field` the item."""

    def describe(self, object_id: str, field: str) -> reveal.Subject | None:
        """About the value: whose, which item, for which purposes of the policy it may be seen."""
        record = find(object_id)
        item = _item(record, field) if record else None
        if record is None or item is None:
            return None
        person = record.subject
        policy = policy_of(person.service)
        if policy is None:
            return None
        purposes = [
            reveal.Purpose(code, said(row.label), row.clause)
            for code in selectors.purposes_of(policy, item, person.kind)
            if (row := policy.purposes_by_code.get(code))
        ]
        return reveal.Subject(
            title=str(person),
            label=words.item(policy, item),
            service=person.service.slug,
            back_url=f"{page_of(person)}?tab=data",
            purposes=purposes,
        )

    def unseal(
        self, object_id: str, field: str, *, purpose: str, actor: Account, now: datetime
    ) -> str:
        """The value in clear; whether given or refused, the ledger knows who asked."""
        record = find(object_id)
        item = _item(record, field) if record else None
        if record is None or item is None:
            raise reveal.Refused(GONE)
        try:
            with transaction.atomic():
                decision, value = gate.reveal(
                    record.subject, purpose, item, record=record, actor=actor, now=now
                )
        except sealing.Unreadable:
            raise reveal.Refused(gate.UNREADABLE) from None
        if decision.refused:
            raise reveal.Refused(REFUSALS.get(decision.refused[0].reason_code, REFUSED))
        if value is None:
            raise reveal.Refused(GONE)
        return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def find(object_id: str) -> Record | None:
    """The record with this id, None for anything that is no id."""
    try:
        pk = UUID(object_id)
    except ValueError:
        return None
    return Record.objects.select_related("subject__service").filter(pk=pk).first()


def button(record_id: str, item: str, masked: Any, label: str) -> SafeString:
    """A masked value with its button; what is never shown, and a file, has none."""
    if item.rsplit(".", 1)[-1] in NEVER_SHOWN or masked == HELD:
        return labels.masked(masked)
    return labels.masked(
        masked, source=NAME, object_id=record_id, field=field_of(item), label=label
    )


def field_of(item: str) -> str:
    """An item code as a part of an address, which knows no dots."""
    return item.replace(".", "--")


def page_of(person: Any) -> str:
    """The address of a person's page."""
    model = "member" if person.kind in MEMBER_KINDS else "purchaser"
    return reverse(f"admin:members_{model}_change", args=[person.pk])


def _item(record: Record, field: str) -> str | None:
    known = {field_of(code): code for code in record.item_codes}
    item = known.get(field)
    hidden = item is None or item.rsplit(".", 1)[-1] in NEVER_SHOWN
    return None if hidden or record.source == identity_check.SOURCE else item


reveal.register(NAME, RecordSource())
