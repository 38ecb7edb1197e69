"""What an import finds: counts, refused rows, and the first differences, as one value and as JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import zip_longest
from typing import Any

from members.rules.import_check import Rejected
from members.rules.import_columns import Reason

DIFFS = 50
CARD_DATA = frozenset({"card_number_full", "card_code"})


@dataclass(frozen=True)
class Diff:
    """One value that would change, both sides masked."""

    line: int
    column: str
    before: str
    after: str


@dataclass
class RejectedRow:
    """A refused row with its cells, for the file of refused rows."""

    line: int
    reasons: list[Reason]
    cells: list[str]


@dataclass
class Preview:
    """What applying a file would do. ``problems`` refuse the whole file; the rest is by row."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    returning: int = 0  # Dormant people who come back, because they have used the service.
    rejected: list[RejectedRow] = field(default_factory=list)
    diffs: list[Diff] = field(default_factory=list)
    problems: list[Reason] = field(default_factory=list)
    header: list[str] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """Numbers only: what a job and the ledger may say."""
        return {
            "new": self.new,
            "changed": self.changed,
            "same": self.same,
            "returning": self.returning,
            "rejected": len(self.rejected),
            "problems": len(self.problems),
        }

    def refuse(self, found: Rejected, cells: Sequence[str], names: Sequence[str]) -> None:
        """Add a refused row; cells with card data are left out of what goes back."""
        secret = {reason.column for reason in found.reasons if reason.code in CARD_DATA}
        shown = [
            "" if name in secret else cell for name, cell in zip_longest(names, cells, fillvalue="")
        ]
        self.rejected.append(RejectedRow(found.line, list(found.reasons), shown))


def to_json(preview: Preview) -> bytes:
    """Return a preview as bytes to be sealed."""
    return json.dumps(asdict(preview), ensure_ascii=False).encode("utf-8", "replace")


def from_json(data: bytes) -> Preview:
    """Return the preview that ``to_json`` got."""
    found: dict[str, Any] = json.loads(data)
    return Preview(
        rows=found["rows"],
        new=found["new"],
        changed=found["changed"],
        same=found["same"],
        returning=found["returning"],
        header=found["header"],
        diffs=[Diff(**diff) for diff in found["diffs"]],
        problems=[Reason(**reason) for reason in found["problems"]],
        rejected=[
            RejectedRow(row["line"], [Reason(**r) for r in row["reasons"]], row["cells"])
            for row in found["rejected"]
        ],
    )
