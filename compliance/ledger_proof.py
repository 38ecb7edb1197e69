"""The proof that one item belongs to a batch entry of the ledger: its path to the Merkle root (RFC 9162, 2.1.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from compliance.keyring import digests
from compliance.models import LedgerBatchItem, LedgerEntry
from compliance.models.ledger_entry import ITEMS_PER_ENTRY


@dataclass(frozen=True)
class Proof:
    """One item of a batch: its place, its hash, the path and the root that the entry holds.

    ``path`` is ``[(side, hash), ...]``, from the leaf up; ``side`` says where the other hash stands.
    """

    entry: LedgerEntry
    place: int
    leaf: str
    path: tuple[tuple[str, str], ...]

    @property
    def root(self) -> str:
        """The root as the entry has it."""
        return str(self.entry.data.get("merkle_root", ""))

    @property
    def holds(self) -> bool:
        """Whether leaf and path lead to the root of the entry."""
        return root_of(self.leaf, self.path) == self.root


def path_to(leaves: Sequence[str], place: int) -> tuple[tuple[str, str], ...]:
    """Return the hashes beside the way from a leaf to the root. Example: of two leaves, the other one."""
    level, path = [bytes.fromhex(leaf) for leaf in leaves], []
    while len(level) > 1:
        other = place ^ 1
        if other < len(level):
            path.append(("left" if other < place else "right", level[other].hex()))
        pairs = [_node(a, b) for a, b in zip(level[::2], level[1::2], strict=False)]
        level, place = pairs + level[len(pairs) * 2 :], place // 2
    return tuple(path)


def root_of(leaf: str, path: Sequence[tuple[str, str]]) -> str:
    """Return the root that a leaf and its path lead to."""
    node = bytes.fromhex(leaf)
    for side, text in path:
        other = bytes.fromhex(text)
        node = _node(other, node) if side == "left" else _node(node, other)
    return node.hex()


def proofs_for(public_id: str, code: str) -> list[tuple[Proof, dict[str, object]]]:
    """Return proof and data of every batch item of a code that tells of a person, oldest first."""
    items = LedgerBatchItem.objects.filter(
        subject_key=digests.subject_digest(public_id), entry__code=code
    )
    return [(_proof(item), item.data) for item in items.select_related("entry").order_by("id")]


def _proof(item: LedgerBatchItem) -> Proof:
    place = item.pk % ITEMS_PER_ENTRY
    first = item.pk - place
    mine = LedgerBatchItem.objects.filter(pk__gte=first, pk__lt=first + ITEMS_PER_ENTRY)
    leaves = mine.order_by("pk")
    path = path_to(list(leaves.values_list("leaf", flat=True)), place)
    return Proof(item.entry, place, item.leaf, path)


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()
