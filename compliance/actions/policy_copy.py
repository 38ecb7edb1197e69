"""A new version starts as a copy of the one in force."""

from datetime import datetime

from django.db import transaction

from compliance import ledger, selectors
from compliance.models import (
    Account,
    FindingSettlement,
    PolicyFinding,
    PolicyText,
    PolicyVersion,
    Service,
)
from compliance.policy_data import data_of, version_columns, write_rows


class NothingInForce(Exception):
    """The service has no version in effect that could be copied."""


def copy_in_force(service: Service, *, actor: Account | None, now: datetime) -> PolicyVersion:
    """Return a new draft with every row of the version in force; texts are copied but not ready.

    The number of queries does not depend on the number of rows. ``NothingInForce`` without a version.
    """
    with transaction.atomic():
        locked = Service.objects.select_for_update().get(pk=service.pk)
        source = selectors.policy_in_force(locked)
        if source is None:
            raise NothingInForce
        return _copy(source, locked, actor=actor, now=now)


def _copy(
    source: PolicyVersion, service: Service, *, actor: Account | None, now: datetime
) -> PolicyVersion:
    data = data_of(source)
    last = service.versions.order_by("-number").values_list("number", flat=True)[0]
    copy = PolicyVersion.objects.create(
        service=service, number=last + 1, created_by=actor, created_at=now, **version_columns(data)
    )
    rows = write_rows(copy, data)
    _copy_texts(source, copy)
    _copy_settlements(source, copy)
    ledger.record(
        "compliance.policy.copied",
        actor=actor,
        now=now,
        service=service,
        obj=f"policy_version:{copy.pk}",
        data={"number": copy.number, "source": source.number, "rows": rows},
    )
    return copy


def _copy_texts(source: PolicyVersion, copy: PolicyVersion) -> None:
    texts = source.texts.order_by("position", "pk")
    PolicyText.objects.bulk_create(
        PolicyText(version=copy, position=text.position, language=text.language, body=text.body)
        for text in texts
    )


def _copy_settlements(source: PolicyVersion, copy: PolicyVersion) -> None:
    settled = FindingSettlement.objects.filter(finding__version=source).select_related("finding")
    by_code = {finding.code: finding for finding in PolicyFinding.objects.filter(version=copy)}
    FindingSettlement.objects.bulk_create(
        FindingSettlement(
            finding=by_code[old.finding.code],
            text=old.text,
            is_sample=old.is_sample,
            settled_at=old.settled_at,
            settled_by_id=old.settled_by_id,
        )
        for old in settled
    )
