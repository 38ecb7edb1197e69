"""Records of one person sealed anew in another division: the new ones are there exactly when the old ones are not."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from compliance import bulk, effects
from compliance.keyring import blind_index, checkpoint, keys
from compliance.models import Account
from compliance.rules.policy_values import Policy
from members.actions import record
from members.actions.record import NewValues
from members.binding import Binding
from members.models import Record

REFERENCES = ("external_ref", "order_number")


def swap(
    old: Sequence[UUID],
    rows: Sequence[NewValues],
    *,
    policy: Policy,
    is_same: bool = False,
    actor: Account | None,
    now: datetime,
) -> list[Record]:
    """Put new records in the place of old ones in one transaction, then destroy the old keys.

    ``is_same`` tells that one record takes the place of one: it is found by the same references as before.

    A stop before the transaction leaves keys without rows, one after it keys that are due to go: both kinds
    are named by unfinished effects, which ``record.repair_unfinished`` finishes. Raises ``record.Overtaken``
    when one of the old records is gone or was changed meanwhile; nothing is lost then.
    """
    binding = Binding(policy)
    drafts = [draft for row in rows for draft in record.drafts_of(row, binding)]
    fresh = [one for one, _, _ in drafts]
    ref, ids = f"batch:{uuid.uuid4()}", [str(one.pk) for one in fresh]
    new = {"records": ids}
    sealed = effects.begin(record.SEAL, ref, new, actor=actor, now=now, destroys=False)
    record.seal_drafts(drafts)
    if is_same:
        blind_index.carry(REFERENCES, old[0], fresh[0].pk)
    with transaction.atomic():
        if Record.objects.filter(pk__in=old).delete()[0] != len(old):
            raise record.Overtaken(str(sealed))
        bulk.insert_objects(fresh)
        if not effects.complete(sealed, now=now):
            raise record.Overtaken(str(sealed))
        gone = {"records": [str(pk) for pk in old]}
        obsolete = effects.begin(record.DESTROY, ref, gone, actor=actor, now=now)
    keys.destroy(list(old))
    effects.complete(obsolete, now=now)
    checkpoint.truncate_wal()
    return fresh
