"""What follows from the lines of the tail when a database was put back from a backup.

Pure: lines in, facts out. What counts as "after the backup" is the place of a line in the files, not its number:
after an earlier restore the numbers began again from an older one.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

DUE = "members.record.destroy_due"
LEAVE = "members.withdrawal.destroy"
CORRECT = ("members.record.destroy", "members.import.replace")

ANSWERED = "members.consent.answered"
PLACED, LIFTED = "members.restriction.placed", "members.restriction.lifted"
LEFT = "members.withdrawal.requested"
REGISTERED = "members.subject.registered"
SET_APART, BROUGHT_BACK = "members.dormancy.set_apart", "members.dormancy.brought_back"
PROPOSED, CONFIRMED = "members.case_flag.proposed", "members.case_flag.confirmed"
REVIEWED, ENDED = "members.case_flag.reviewed", "members.case_flag.ended"
AGREED = "members.subject.agreed"
COMPLETED = "members.withdrawal.completed"
SENT, CERTIFIED = "members.delivery.sent", "compliance.certificate.issued"
FREED = "members.rejoin_digest.lifted"
TOOK_EFFECT = "compliance.policy.took_effect"
PAPER = frozenset(
    {"compliance.paper.reported", "compliance.paper.taken_back", "compliance.paper.destroyed"}
)
ABOUT_PLACE = (LEFT, SET_APART, BROUGHT_BACK)
FLAGS = frozenset({PROPOSED, CONFIRMED, REVIEWED, ENDED})
OF_PEOPLE = frozenset(
    {AGREED, ANSWERED, PLACED, LIFTED, REGISTERED, COMPLETED, *ABOUT_PLACE, *FLAGS}
)
EVENTS = OF_PEOPLE | PAPER | {CERTIFIED, TOOK_EFFECT, FREED}
# Told by other entries: the records of a destruction, what was set apart, last days, the digests of leavers.
IMPLIED = frozenset(
    {
        SENT,
        "members.record.destroyed",
        "members.record.segregated",
        "members.record.reclocked",
        "members.rejoin_digest.destroyed",
    }
)


@dataclass(frozen=True)
class Event:
    """Something that happened after the backup and is unknown to the restored database.

    ``subject_key`` is empty where it was about nobody in particular; ``actor`` is the opaque name of an account.
    """

    code: str
    at: datetime
    service: str
    subject_key: str
    ref: str
    data: Mapping[str, Any]
    actor: str = ""
    seq: int = 0
    count: int = 1


@dataclass(frozen=True)
class Doomed:
    """Records that an intent named: by which kind of effect, and whether it is certain that they went."""

    kind: str
    records: tuple[str, ...]
    certain: bool


@dataclass(frozen=True)
class Freed:
    """A digest of a leaver that was lifted at a moment; ``hold`` names it, such as ``withdrawal:7.email``."""

    service: str
    hold: str
    at: datetime


@dataclass
class Facts:
    """What the tail says. Intents are named by their place among all ``effect`` lines."""

    events: list[Event] = field(default_factory=list)
    by_hand: list[Event] = field(default_factory=list)  # Whole entries, a batch as one.
    sent: set[str] = field(default_factory=set)  # Deliveries, as 32 hex digits.
    stopped: set[int] = field(default_factory=set)  # Ended without destroying, because of a hold.
    open: dict[str, list[int]] = field(default_factory=dict)  # Runs without an end, by reference.
    freed: list[Freed] = field(
        default_factory=list
    )  # Of the whole tail: the archive may be the older one.


def gather(
    lines: Iterable[Mapping[str, Any]],
    point: tuple[int, str] | None,
    *,
    by_hand: frozenset[str] = frozenset(),
) -> Facts:
    """Return what happened after ``point``, the last entry (number, hash) that the restored ledger shares.

    ``by_hand``: codes of what nobody but a person can repeat.
    None: the main database was not put back, so no event is missing there. What was stopped, and which digests were
    lifted, is told of the whole tail. A run over due records that a hold overtook has a certificate of no records.
    """
    facts, place = Facts(), -1
    for line in lines:
        if line["line"] == "effect":
            place += 1
            if line["kind"] == DUE and line["destroys"]:
                facts.open.setdefault(line["ref"], []).append(place)
            continue
        if line["line"] not in ("entry", "restart"):
            continue
        if line["line"] == "entry":
            _read_entry(facts, line, by_hand)
        if (line["seq"], line["hash"]) == point:
            _forget(facts)
    if point is None:
        _forget(facts)
    return facts


def doomed(lines: Iterable[Mapping[str, Any]], facts: Facts) -> Iterator[Doomed]:
    """Yield what every intent of the tail named, in order; those that were stopped name nothing.

    Also the intents before the backup: a database put back may be older than one that finished them.
    Example: an intent that no entry ended is yielded with ``certain`` False, because it may have been stopped.
    """
    unsure = {place for places in facts.open.values() for place in places}
    intents = (line for line in lines if line["line"] == "effect")
    for place, line in enumerate(intents):
        records = line["payload"].get("records") if line["destroys"] else None
        if records and place not in facts.stopped:
            yield Doomed(line["kind"], tuple(records), place not in unsure)


def _forget(facts: Facts) -> None:
    facts.events, facts.by_hand, facts.sent = [], [], set()


def _read_entry(facts: Facts, line: Mapping[str, Any], by_hand: frozenset[str]) -> None:
    code = line["code"]
    if code in EVENTS:
        facts.events += _events(line)
    elif code in by_hand:
        facts.by_hand.append(_event(line, line["subject_key"], {}, max(1, len(line["items"]))))
    if code == FREED:
        facts.freed += _freed(line)
    if code == SENT:
        facts.sent.update(_deliveries(line))
    elif code == CERTIFIED and line["object_ref"] in facts.open:
        ended = facts.open.pop(line["object_ref"])
        if not json.loads(line["data"])["records"]:
            facts.stopped.update(ended)


def settled(events: Iterable[Event]) -> list[Event]:
    """Leave out the moves of a person that a later one, or leaving, has overtaken; keep the order.

    Example: set apart, then back, then set apart again: only the last move is done again.
    """
    kept, seen = [], set()
    for event in reversed(list(events)):
        if event.code in ABOUT_PLACE:
            if event.subject_key in seen and event.code != LEFT:
                continue
            seen.add(event.subject_key)
        kept.append(event)
    return kept[::-1]


def without_stops(events: Iterable[Event]) -> list[Event]:
    """Leave out the holds that a case places and lifts by itself: they come and go with the case."""
    kept = list(events)
    starts = {(one.subject_key, one.at) for one in kept if one.code == CONFIRMED}
    ends = {(one.subject_key, one.at) for one in kept if one.code == ENDED}
    of_cases = {PLACED: starts, LIFTED: ends}
    return [one for one in kept if (one.subject_key, one.at) not in of_cases.get(one.code, ())]


def _events(line: Mapping[str, Any]) -> Iterator[Event]:
    """Yield one event for the entry, or one for each person of a batch with what the batch says of that person."""
    if not line["items"]:
        yield _event(line, line["subject_key"], {}, 1)
    for item in line["items"]:
        yield _event(line, item["subject_key"], json.loads(item["data"]), 1)


def _event(line: Mapping[str, Any], person: str, more: Mapping[str, Any], count: int) -> Event:
    return Event(
        line["code"],
        datetime.fromisoformat(line["at"]),
        line["service_slug"],
        person,
        line["object_ref"],
        json.loads(line["data"]) | more,
        line["actor"],
        line["seq"],
        count,
    )


def _freed(line: Mapping[str, Any]) -> Iterator[Freed]:
    at = datetime.fromisoformat(line["at"])
    for hold in json.loads(line["data"]).get("holds", ()):
        yield Freed(line["service_slug"], hold, at)


def _deliveries(line: Mapping[str, Any]) -> Iterator[str]:
    for item in line["items"]:
        kind, _, name = item["object_ref"].partition(":")
        yield name if kind == "delivery" else json.loads(item["data"]).get("delivery", "")
