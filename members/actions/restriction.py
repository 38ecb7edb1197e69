"""Holds: processing stops for some or all items of a person, or destruction waits, from the second it is saved.

Source: a hold bites everywhere at once (MIK-7.2); an open hold postpones destruction until it is lifted.
"""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from compliance import ledger
from compliance.models import Account
from members.archive.models import ArchivedRecord
from members.models import DataSubject, Restriction, RightsRequest

AWAY = (DataSubject.Status.LEAVING, DataSubject.Status.WITHDRAWN, DataSubject.Status.DORMANT)


class NotPossible(ValueError):
    """The hold would do nothing, nothing of it is left, or it is lifted already; the text is a code."""


def place(
    subject: DataSubject,
    *,
    ground: str,
    items: Sequence[str] = (),
    blocks_use: bool = True,
    blocks_destruction: bool = True,
    review_on: date | None = None,
    request: RightsRequest | None = None,
    actor: Account | None,
    now: datetime,
) -> Restriction:
    """Put items of a person on hold; no items means everything. A hold on everything shows in the status.

    Of people kept apart it postpones destruction only: their data is used for nothing anyway, and what is
    destroyed already does not come back.
    Example: place(minji, ground="open_dispute", items=["email"], ...) stops every use of her address.
    Raises ``NotPossible``: ``holds_nothing`` without any effect, ``nothing_kept`` where nothing of it is left.
    """
    if not (blocks_use or blocks_destruction):
        raise NotPossible("holds_nothing")
    with transaction.atomic():
        locked = (
            DataSubject.objects.select_for_update().select_related("service").get(pk=subject.pk)
        )
        if locked.status in AWAY:
            blocks_use = False
            _refuse_empty(locked, items, blocks_destruction=blocks_destruction)
        hold = Restriction.objects.create(
            subject=locked,
            ground=ground,
            items=list(items),
            blocks_use=blocks_use,
            blocks_destruction=blocks_destruction,
            review_on=review_on,
            request=request,
            began_at=now,
        )
        _show_in_status(locked)
        _record("members.restriction.placed", hold, actor=actor, now=now, data=_facts(hold))
    return hold


def lift(hold: Restriction, *, actor: Account | None, now: datetime) -> Restriction:
    """End a hold; what is used and destroyed follows the policy again from now on.

    Raises ``NotPossible("lifted_already")`` for a hold that has ended.
    """
    with transaction.atomic():
        if not Restriction.objects.filter(pk=hold.pk, ended_at=None).update(ended_at=now):
            raise NotPossible("lifted_already")
        hold.refresh_from_db()
        _show_in_status(hold.subject)
        _record(
            "members.restriction.lifted", hold, actor=actor, now=now, data={"ground": hold.ground}
        )
    return hold


def _refuse_empty(subject: DataSubject, items: Sequence[str], *, blocks_destruction: bool) -> None:
    if not blocks_destruction:
        raise NotPossible("holds_nothing")
    apart = ArchivedRecord.objects.filter(subject__public_id=subject.public_id)
    kept = {code for codes in apart.values_list("item_codes", flat=True) for code in codes}
    if not (kept & set(items) if items else kept):
        raise NotPossible("nothing_kept")


def _show_in_status(subject: DataSubject) -> None:
    """ACTIVE <-> RESTRICTED: restricted while a hold stops the use of everything."""
    holds = Restriction.objects.filter(subject=subject, ended_at=None, blocks_use=True)
    is_stopped = any(not items for items in holds.values_list("items", flat=True))
    before, after = DataSubject.Status.RESTRICTED, DataSubject.Status.ACTIVE
    if is_stopped:
        before, after = after, before
    DataSubject.objects.filter(pk=subject.pk, status=before).update(status=after)


def _facts(hold: Restriction) -> dict[str, object]:
    facts = {
        "ground": hold.ground,
        "items": list(hold.items),
        "blocks_use": hold.blocks_use,
        "blocks_destruction": hold.blocks_destruction,
    }
    return facts | ({"review_on": hold.review_on} if hold.review_on else {})


def _record(
    code: str, hold: Restriction, *, actor: Account | None, now: datetime, data: dict[str, object]
) -> None:
    ledger.record(
        code,
        actor=actor,
        now=now,
        service=hold.subject.service,
        subject=hold.subject.public_id,
        obj=f"restriction:{hold.pk}",
        data=data,
    )
