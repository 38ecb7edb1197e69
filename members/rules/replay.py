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
FLAGGED, FLAG_ENDED = "members.case_flag.confirmed", "members.case_flag.ended"
ABOUT_PLACE = (LEFT, SET_APART, BROUGHT_BACK)
EVENTS = frozenset({ANSWERED, PLACED, LIFTED, REGISTERED, FLAGGED, FLAG_ENDED, *ABOUT_PLACE})
SENT, CERTIFIED = "members.delivery.sent", "compliance.certificate.issued"


@dataclass(frozen=True)
class Event:
    """Something that happened to one person after the backup and is unknown to the restored database."""

    code: str
    at: datetime
    service: str
    subject_key: str
    ref: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Doomed:
    """Records that an intent named: by which kind of effect, and whether it is certain that they went."""

    kind: str
    records: tuple[str, ...]
    certain: bool


@dataclass
class Facts:
    """What the tail says. Intents are named by their place among all ``effect`` lines."""

    events: list[Event] = field(default_factory=list)
    sent: set[str] = field(default_factory=set)  # Deliveries, as 32 hex digits.
    stopped: set[int] = field(default_factory=set)  # Ended without destroying, because of a hold.
    open: dict[str, list[int]] = field(default_factory=dict)  # Runs without an end, by reference.


def gather(lines: Iterable[Mapping[str, Any]], point: tuple[int, str] | None) -> Facts:
    """Return what happened after ``point``, the last entry (number, hash) that the restored ledger shares.

    None: the main database was not put back, so no event is missing there. What was stopped is told of the whole
    tail. A run over due records that a hold overtook has a certificate of no records.
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
            _read_entry(facts, line)
        if (line["seq"], line["hash"]) == point:
            facts.events, facts.sent = [], set()
    if point is None:
        facts.events, facts.sent = [], set()
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


def _read_entry(facts: Facts, line: Mapping[str, Any]) -> None:
    code = line["code"]
    if code in EVENTS:
        facts.events += _events(line)
    elif code == SENT:
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


def _events(line: Mapping[str, Any]) -> Iterator[Event]:
    """Yield one event for the entry, or one for each person of a batch."""
    keys = [item["subject_key"] for item in line["items"]] or [line["subject_key"]]
    for key in keys:
        yield Event(
            line["code"],
            datetime.fromisoformat(line["at"]),
            line["service_slug"],
            key,
            line["object_ref"],
            json.loads(line["data"]),
        )


def _deliveries(line: Mapping[str, Any]) -> Iterator[str]:
    for item in line["items"]:
        kind, _, name = item["object_ref"].partition(":")
        yield name if kind == "delivery" else json.loads(item["data"]).get("delivery", "")
