"""What the ledger keeps about messages: who was written to, when, and what came of it; never an address."""

from collections.abc import Sequence
from datetime import datetime

from compliance import ledger
from members.models import Delivery

SENT, NOT_SENT, FORGOTTEN = (
    "members.delivery.sent",
    "members.delivery.not_sent",
    "members.delivery.address_destroyed",
)


def tell(code: str, rows: Sequence[Delivery], *, now: datetime, **data: str) -> None:
    """Write one entry per service, event and notice; its items are the people, or the messages once they are gone.

    Call it inside the transaction that changes the rows. ``data``: further keys such as ``state`` and ``reason``.
    """
    groups: dict[tuple[int, str, str, int | None], list[Delivery]] = {}
    for row in rows:
        groups.setdefault((row.service_id, row.event, row.stage, row.notice_id), []).append(row)
    for (_, event, stage, notice), members in groups.items():
        about = {"event": event, "stage": stage, "notice": notice} if code != FORGOTTEN else {}
        ledger.record_batch(
            code,
            [_item(row, code) for row in members],
            actor=None,
            now=now,
            service=members[0].service,
            data={**about, "count": len(members), **data},
        )


def _item(row: Delivery, code: str) -> tuple[str, dict[str, str]]:
    if row.subject is None or code == FORGOTTEN:
        return f"delivery:{row.pk.hex}", {}
    return row.subject.public_id, {"delivery": row.pk.hex}
