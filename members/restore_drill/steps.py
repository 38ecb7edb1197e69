"""What the children of the drill do, each in a process of its own on the scratch copies."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import UUID
from wsgiref.util import setup_testing_defaults

from django.core.handlers.wsgi import WSGIHandler

from compliance import tail
from compliance.keyring import keys
from compliance.models import Account, Service
from compliance.restore import guard, reports, sign_off
from members import gate
from members.actions import consent, restriction, withdrawal
from members.archive.models import ArchivedRecord
from members.imports import samples
from members.models import Answer, ConsentState, DataSubject, Delivery, Record, Restriction

SEED = 330_033
BATCH = 1_000
OFFICERS = ("restore-drill-1@office.invalid", "restore-drill-2@office.invalid")
FILE = "people.json"
OBJECTORS = 3


def prepare(folder: Path, people: int, *, now: datetime) -> dict[str, Any]:
    """Have enough people in the copies, and choose who will leave; the backup is taken after this."""
    tail.catch_up()
    found = [one.name for one in reports.found()]
    if found:
        return {"found": found}
    here = DataSubject.objects.reachable().count()
    added = _add_people(people + OBJECTORS - here, now)
    for email in OFFICERS:
        if not Account.objects.filter(email=email).exists():
            Account.objects.create_staff(email, None, full_name="Restore drill")
    chosen = list(DataSubject.objects.reachable().order_by("-pk")[: people + OBJECTORS])
    leavers, objectors = chosen[:people], chosen[people:]
    records = Record.objects.filter(subject__in=leavers).values_list("pk", flat=True)
    _write(
        folder,
        {
            "leavers": [one.public_id for one in leavers],
            "objectors": [one.public_id for one in objectors],
            "records": [str(pk) for pk in records],
        },
    )
    tail.catch_up()
    return {"found": [], "people": len(leavers), "added": added}


def leave(folder: Path, *, now: datetime) -> dict[str, Any]:
    """Let the chosen people leave through the ordinary actions, and others object and take answers back."""
    facts = _read(folder)
    for person in DataSubject.objects.filter(public_id__in=facts["leavers"]):
        withdrawal.carry_out(
            withdrawal.request(person, channel="web", actor=None, now=now), now=now
        )
    taken_back = 0
    for person in DataSubject.objects.filter(public_id__in=facts["objectors"]):
        restriction.place(person, ground="objection", actor=None, now=now)
        taken_back += _take_answers_back(person, now)
    records = [UUID(text) for text in facts["records"]]
    apart = set(ArchivedRecord.objects.filter(pk__in=records).values_list("pk", flat=True))
    facts["destroyed"] = [str(pk) for pk in records if pk not in apart]
    _write(folder, facts)
    tail.catch_up()
    return {"destroyed": len(facts["destroyed"]), "taken_back": taken_back}


def check(folder: Path, *, now: datetime) -> dict[str, Any]:
    """After a restore: closed, repeated, signed off, open; who is gone is gone, who is here is readable."""
    facts = _read(folder)
    destroyed = [UUID(text) for text in facts["destroyed"]]
    before = {"found": [one.name for one in reports.found()], "closed": _status() == 503}
    came_back = _openable(destroyed, facts["leavers"])
    start = monotonic()
    result = reports.replay(now=now)
    seconds = monotonic() - start
    _sign(now)
    return before | {
        "came_back": came_back,
        "seconds": round(seconds, 2),
        "counts": dict(result.counts),
        "left": dict(result.left),
        "opened": _status() != 503,
        "readable": _openable(destroyed, facts["leavers"]),
        "mailable": _mailable(facts["leavers"]),
        "unreadable": _unreadable(facts["leavers"]),
        "not_in_force": _not_in_force(facts["objectors"]),
    }


def _sign(now: datetime) -> None:
    """One officer of the drill asks, the other one signs."""
    first, second = (Account.objects.get(email=email) for email in OFFICERS)
    report = sign_off.ready()
    sign_off.ask(report, first, now=now)
    sign_off.sign(report, second, shown=report.digest, now=now)
    guard.look()


def _add_people(missing: int, now: datetime) -> int:
    if missing <= 0:
        return 0
    service = Service.objects.filter(versions__state="in_effect").order_by("slug").first()
    if service is None:
        raise LookupError("no service has a policy in force: load one first")
    return sum(samples.put_in(service, missing, seed=SEED, now=now))


def _take_answers_back(person: DataSubject, now: datetime) -> int:
    agreed = list(ConsentState.objects.filter(subject=person, answer=Answer.AGREED))
    for state in agreed:
        consent.answer(
            person,
            purpose=state.purpose,
            channel=state.channel,
            recipient=state.recipient,
            answer=Answer.WITHDRAWN,
            version=state.version,
            asked_by="drill",
            language="",
            text_hash="",
            actor=None,
            now=now,
        )
    return len(agreed)


def _openable(destroyed: Sequence[UUID], leavers: Sequence[str]) -> int:
    """Return how many destroyed records open with the keys there are, and how many rows of leavers are in use."""
    live = Record.objects.select_related("subject")
    opened = 0
    for part in _parts(destroyed):
        rows = list(live.filter(pk__in=part))
        apart = list(ArchivedRecord.objects.filter(pk__in=part).select_related("subject"))
        opened += len(_open(rows)) + len(gate.archived_in_custody(apart))
        opened += len(keys.existing(part) - {row.pk for row in rows} - {row.pk for row in apart})
    return opened + live.filter(subject__public_id__in=leavers).exclude(pk__in=destroyed).count()


def _open(rows: Sequence[Record]) -> dict[UUID, Any]:
    return dict(
        gate.in_custody(rows, subject_ids={row.subject_id: row.subject.public_id for row in rows})
    )


def _mailable(leavers: Sequence[str]) -> int:
    """Return how many leavers may be written to; their own confirmation may still be on its way."""
    reachable = DataSubject.objects.reachable().filter(public_id__in=leavers)
    waiting = Delivery.objects.filter(subject__public_id__in=leavers, finished_at=None)
    return reachable.count() + waiting.exclude(kind=Delivery.Kind.CONFIRMATION).count()


def _unreadable(leavers: Sequence[str]) -> int:
    """Open every record of everybody else and return how many do not open."""
    rows = Record.objects.exclude(subject__public_id__in=leavers).select_related("subject")
    missing = 0
    for part in _parts(rows.order_by("pk").iterator(BATCH)):
        missing += len(part) - len(_open(part))
    return missing


def _not_in_force(objectors: Sequence[str]) -> int:
    """Return how many objections and withdrawn answers a restore has undone."""
    people = DataSubject.objects.filter(public_id__in=objectors)
    agreed = ConsentState.objects.filter(subject__in=people, answer=Answer.AGREED).count()
    held = Restriction.objects.filter(subject__in=people, ground="objection", ended_at=None)
    return agreed + len(objectors) - len(set(held.values_list("subject", flat=True)))


def _status() -> int:
    """Ask the web application for its first page, as a server would, and return the status of its answer."""
    said: list[str] = []
    environ: dict[str, Any] = {"HTTP_HOST": "127.0.0.1", "wsgi.url_scheme": "https"}
    setup_testing_defaults(environ)
    guard.look()
    answer = WSGIHandler()(environ, lambda status, _headers: said.append(status))
    for _ in answer:
        pass
    return int(said[0].split()[0])


def _parts(rows: Iterable[Any]) -> Iterator[list[Any]]:
    left = iter(rows)
    while part := list(islice(left, BATCH)):
        yield part


def _read(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / FILE).read_text()))


def _write(folder: Path, facts: dict[str, Any]) -> None:
    (folder / FILE).write_text(json.dumps(facts))
