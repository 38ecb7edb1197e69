"""Reading what tells of a restore. Writes nothing; works on databases that only answer."""

from django.db.models import Max

from compliance import ledger, marks, tail_files
from compliance.models import Effect, LedgerEntry
from compliance.restore.findings import Finding, State, find

ALIASES = ("archive", "keyring")


def read() -> State:
    """Read the numbers; the order keeps running work from looking like a restore.

    Only destructions count as completed: an effect that merely makes keys may set its marks a moment after it is
    completed. Raises ``DatabaseError`` or ``OSError`` if something does not answer.
    """
    end = tail_files.end()
    done = Effect.objects.filter(state=Effect.State.COMPLETED, destroys=True)
    completed = done.aggregate(newest=Max("seq"))["newest"] or 0
    found = {alias: marks.read(alias) for alias in ALIASES}
    same = LedgerEntry.objects.filter(seq=end.head[0]).values_list("hash", flat=True).first()
    return State(bool(end.file), end.head, completed, found, ledger.head()[0], same or "")


def findings() -> list[Finding]:
    """Return which databases were put back from a backup; empty when all is well."""
    return find(read())
