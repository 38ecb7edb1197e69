"""The list of a plan, page by page: what was counted, hashed and approved, and which of it may still go.

A run destroys from this list alone, so whatever it destroys was approved: what is no longer due or under a hold is
left out, what became due since waits for the next plan.
"""

import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import NamedTuple

from members.actions import destruction_due
from members.actions.destruction_due import MODELS, Due, Holds, Span
from members.models import DestructionPage, DestructionPlan, Record

HEX = 32  # Digits of a record id, at the start of its line.


@dataclass(frozen=True, slots=True)
class Survey:
    """Exact numbers, digest and pages of a list; ``counts`` by (class, rule, clause), held records left out."""

    records: int
    people: int
    held: int
    counts: Counter[tuple[str, str, str]]
    first_due_on: date | None
    digest: str
    pages: list[tuple[bool, bytes]]  # As ``DestructionPage`` keeps them.


class Look(NamedTuple):
    """What is to be done with a page now: who may go, how many a hold keeps, how many are no longer due as listed."""

    free: list[Due]
    held: int
    dropped: int


def survey(span: Span, holds: Holds) -> Survey:
    """Count, digest and list every free record of a span: SHA-256 over id, rule and last day, in order."""
    digest, counts, held, first = sha256(), Counter[tuple[str, str, str]](), 0, None
    pages = []
    for page in destruction_due.pages(span):
        bound = holds.bound(page)
        free = [row for row in page if row.id not in bound] if bound else page
        held += len(bound)
        if not free:
            continue
        first = first or free[0].due_on
        lines = "".join(map(_line, free)).encode()
        digest.update(lines)
        counts.update([(row.record_class, row.rule, row.clause) for row in free])
        pages.append((any(row.apart for row in free), zlib.compress(lines, 1)))
    people = destruction_due.people(span) if pages else 0
    return Survey(sum(counts.values()), people, held, counts, first, digest.hexdigest(), pages)


def store(plan: DestructionPlan, found: Survey) -> None:
    """Keep the list of a plan; the caller holds the transaction."""
    DestructionPage.objects.bulk_create(
        DestructionPage(plan=plan, number=number, apart=apart, lines=lines)
        for number, (apart, lines) in enumerate(found.pages)
    )


def is_whole(plan: DestructionPlan) -> bool:
    """Tell whether the stored list is the one whose digest was approved."""
    digest = sha256()
    for page in _pages(plan):
        digest.update(zlib.decompress(page.lines))
    return digest.hexdigest() == plan.content_hash


def look(plan: DestructionPlan) -> Look | None:
    """Look at the next page of a plan; None when all are through."""
    page = plan.pages.filter(number=plan.passed).first()
    return _look(page, plan, Holds(plan.service)) if page else None


def count_free(plan: DestructionPlan, holds: Holds) -> int:
    """Return how many records a run of a plan would destroy now."""
    ahead = (page for page in _pages(plan) if page.number >= plan.passed)
    return sum(len(_look(page, plan, holds).free) for page in ahead)


def span_of(plan: DestructionPlan) -> Span:
    """Return the last days that a plan is about."""
    return Span(plan.service, plan.since, plan.before)


def _pages(plan: DestructionPlan) -> Iterator[DestructionPage]:
    return plan.pages.order_by("number").iterator(chunk_size=10)


def _look(page: DestructionPage, plan: DestructionPlan, holds: Holds) -> Look:
    listed = dict.fromkeys(zlib.decompress(page.lines).decode().splitlines(keepends=True))
    models = MODELS if page.apart else (Record,)
    rows = destruction_due.of_ids([line[:HEX] for line in listed], span_of(plan), models)
    same = {line: row for row in rows if (line := _line(row)) in listed}
    bound = holds.bound(list(same.values()))
    free = [row for line in listed if (row := same.get(line)) and row.id not in bound]
    return Look(free, len(bound), len(listed) - len(same))


def _line(row: Due) -> str:
    return f"{row.id}|{row.rule}|{row.due_on}\n"
