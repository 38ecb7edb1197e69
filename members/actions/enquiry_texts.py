"""Texts of enquiries and complaints: read by whoever answers, and destroyed when their days are over.

Sources: LMK-2k (an answer uses what is needed, and what was looked at is recorded), KRN-7.1 (a closed enquiry has
served its purpose), MIK-5.2.3 (complaints 3 years from the end of the case).
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from compliance import ledger
from compliance.keyring import keys
from compliance.models import Account, Service
from compliance.rules.calendar import local_day
from compliance.selectors import policy_in_force, policy_values
from compliance.sweeps import Report
from members import gate, request_texts
from members.gate import policy_for
from members.models import RequestMessage, Restriction, RightsRequest
from members.rules import enquiry as rule

BATCH = 500


def read(
    request: RightsRequest, *, actor: Account, now: datetime
) -> tuple[list[request_texts.Text], list[str]]:
    """Open the texts of a case and name what of the person an answer may use; the look itself is recorded.

    Of a stranger nothing else is held. Values are seen one by one, by a reveal with its purpose.
    """
    texts, subject = request_texts.of_request(request), request.subject
    items = _needed(request, now) if subject is not None else []
    with transaction.atomic():
        ledger.record(
            "members.enquiry.opened",
            actor=actor,
            now=now,
            service=request.service,
            subject=subject.public_id if subject else None,
            obj=f"rightsrequest:{request.pk}",
            data={"texts": len(texts), "items": items},
        )
    return texts, items


def _needed(request: RightsRequest, now: datetime) -> list[str]:
    """Items held of a person that an answer may use, by the rows of the policy and by the gate."""
    subject = request.subject
    policy = policy_for(request.service, now)
    wanted = rule.needed_items(policy, subject.kind)  # type: ignore[union-attr]
    rows = subject.records.values_list("item_codes", flat=True)  # type: ignore[union-attr]
    held = {code for codes in rows for code in codes}
    allowed: set[str] = set()
    for purpose in dict.fromkeys(wanted.values()):
        codes = [code for code, why in wanted.items() if why == purpose and code in held]
        allowed.update(gate.may_use(subject, purpose, codes, now=now).allowed_items)  # type: ignore[arg-type]
    return [code for code in wanted if code in allowed]


def destroy_due(now: datetime, *, dry_run: bool = False) -> Report:
    """Destroy the texts of closed cases whose days are over, service by service; a hold on the person waits."""
    report = Report()
    for service in Service.objects.order_by("slug"):
        for kind in rule.KINDS:
            for request in _due(service, kind, now):
                report.done += 1
                if not dry_run:
                    _destroy(request, now)
    return report


def _due(service: Service, kind: str, now: datetime) -> list[RightsRequest]:
    """Up to 500 closed cases, the oldest first; the first that is not due ends the search."""
    version = policy_in_force(service)
    if version is None:
        return []
    policy = policy_values(version)
    today = local_day(now, policy.timezone)
    found = []
    for request in _closed(service, kind)[:BATCH]:
        closed_on = local_day(request.closed_at, policy.timezone)
        if rule.destroy_from(policy, kind, closed_on) > today:
            break
        found.append(request)
    return found


def _closed(service: Service, kind: str) -> QuerySet[RightsRequest]:
    texts = RequestMessage.objects.filter(request=OuterRef("pk"))
    holds = Restriction.objects.filter(
        subject=OuterRef("subject"), ended_at=None, blocks_destruction=True
    )
    closed = RightsRequest.objects.filter(service=service, kind=kind, closed_at__isnull=False)
    waiting = closed.filter(Exists(texts)).exclude(Exists(holds))
    return waiting.select_related("service", "subject").order_by("closed_at", "pk")


def _destroy(request: RightsRequest, now: datetime) -> None:
    """Keys first, then the rows: a stop between the two is finished by the next turn."""
    gone = list(request.messages.values_list("pk", flat=True))
    keys.destroy(gone)
    with transaction.atomic():
        RequestMessage.objects.filter(pk__in=gone).delete()
        ledger.record(
            "members.enquiry.texts_destroyed",
            actor=None,
            now=now,
            service=request.service,
            subject=request.subject.public_id if request.subject else None,
            obj=f"rightsrequest:{request.pk}",
            data={"kind": request.kind, "texts": len(gone)},
        )
