"""Reading what tells of a restore. Writes nothing; works on databases that only answer."""

from compliance import ledger, marks, tail_files
from compliance.models import Effect, LedgerEntry
from compliance.restore import tail_effects
from compliance.restore.findings import Finding, State, find

ALIASES = ("archive", "keyring")


def read() -> State:
    """Read the numbers; the order keeps running work from looking like a restore.

    Raises ``DatabaseError`` or ``OSError`` if something does not answer.
    """
    end = tail_files.end()
    told = tail_effects.newest()
    marked = Effect.objects.filter(marked=True)
    completed = marked.order_by("-seq").values_list("seq", flat=True).first() or 0
    destroyed = not end.file and marked.filter(destroys=True).exists()
    found = {alias: marks.read(alias) for alias in ALIASES}
    knows = not told or Effect.objects.filter(seq=told).exists()
    same = LedgerEntry.objects.filter(seq=end.head[0]).values_list("hash", flat=True).first()
    head = ledger.head()[0]
    return State(
        bool(end.file), end.head, told, knows, completed, destroyed, found, head, same or ""
    )


def findings() -> list[Finding]:
    """Return which databases were put back from a backup; empty when all is well."""
    return find(read())
