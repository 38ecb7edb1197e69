"""What the rows of one chunk turn out to be: new, changed, the same, or refused."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from compliance.masking import mask_item
from members.imports.outcome import Diff
from members.imports.staging import Change
from members.models import DataSubject
from members.rules.import_check import Rejected
from members.rules.import_columns import Reason


@dataclass
class Sorted:
    """``staged`` are people whom an earlier run of the same job has put in already."""

    new: list[Any] = field(default_factory=list)
    staged: list[tuple[Any, DataSubject]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    same: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    diffs: list[Diff] = field(default_factory=list)
    returning: set[int] = field(default_factory=set)  # Keys of dormant people who come back.

    def refuse(self, line: int, code: str, column: str = "", **params: Any) -> None:
        """Refuse a row for one reason."""
        self.rejected.append(Rejected(line, (Reason(code, column, params),)))

    def take(self, change: Change) -> None:
        """Count a row about somebody who is here: a change, or the same."""
        if change:
            self.changes.append(change)
        else:
            self.same += 1


def obstacle(subject: DataSubject, marker: str) -> str:
    """The code of the reason why a person cannot be changed by this job, or nothing."""
    if subject.status == DataSubject.Status.JOINING:
        return "" if subject.source == marker else "being_imported"
    here = (DataSubject.Status.ACTIVE, DataSubject.Status.RESTRICTED)
    return "" if subject.status in here else "person_kept_apart"


def diff(line: int, item: str, before: Any, after: Any) -> Diff:
    """One difference, masked on both sides."""
    return Diff(line, item, str(mask_item(item, before)), str(mask_item(item, after)))


def parts(rows: list[Any], size: int) -> Iterator[list[Any]]:
    """Yield rows in chunks of at most ``size``."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
