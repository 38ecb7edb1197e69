"""People out of CSV files, beside sealing and plainly inserting the same rows."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from compliance import bulk
from compliance.keyring import sealing
from compliance.models import Service
from members.imports import engine, jobs
from members.imports.csv_reader import MAX_ROWS
from members.models import DataSubject, Record
from tests.benchmarks.watch import Watch
from tests.tools import cast

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
BATCH = 1_000
FACTS = {"language": "ko", "joined_at": "2024-03-01", "last_used_at": "2026-11-01T10:00"}


def run(members: int) -> dict[str, Any]:
    """Preview and apply files of at most 50,000 people: checks, look-ups, sealing, index, ledger.

    ``ratio`` is the time of applying against sealing the same values and inserting people and records, without
    any check, index or ledger; ``preview_ratio`` is the time of the preview against that of applying.
    """
    service = cast.service()
    reference = _sealed_and_inserted(service, members)
    previewing, applying = Watch(), Watch()
    for first in range(0, members, MAX_ROWS):
        data = _file(first, min(first + MAX_ROWS, members))
        _preview(service, data, previewing)
        _apply(service, data, applying)
    assert DataSubject.objects.filter(source="import", status="active").count() == members
    return {
        **applying.of(members),
        "ratio": applying.seconds / reference.seconds,
        "cpu_ratio": applying.cpu_seconds / reference.cpu_seconds,
        "preview_per_second": round(members / previewing.seconds),
        "preview_ratio": previewing.seconds / applying.seconds,
    }


def _preview(service: Service, data: bytes, watch: Watch) -> None:
    with watch:
        found = engine.preview(service, data, kind_of_file="people", now=NOW)
    assert found.counts["new"] == found.rows


def _apply(service: Service, data: bytes, watch: Watch) -> None:
    job = jobs.hand_in(service, data, kind_of_file="people", actor=None, now=NOW)
    with watch:
        outcome = engine.advance(job, data, actor=None, now=NOW)
    assert outcome is not None and outcome.counts["new"] == outcome.rows


def _sealed_and_inserted(service: Service, members: int) -> Watch:
    with Watch() as watch:
        for first in range(0, members, BATCH):
            _insert(service, range(first, min(first + BATCH, members)))
    return watch


def _insert(service: Service, numbers: range) -> None:
    people = DataSubject.objects.bulk_create(_person(service) for _ in numbers)
    documents = [
        sealing.Document("record", uuid4(), person.public_id, "account_data", _values(number))
        for person, number in zip(people, numbers, strict=True)
    ]
    bulk.insert_objects(list(_records(people, documents)))


def _person(service: Service) -> DataSubject:
    return DataSubject(
        service=service,
        kind="member",
        status="active",
        language="ko",
        source="reference",
        joined_at=NOW,
        last_used_at=NOW,
    )


def _records(people: list[DataSubject], documents: list[sealing.Document]) -> Iterator[Record]:
    for person, document, sealed in zip(
        people, documents, sealing.seal_many(documents), strict=True
    ):
        yield Record(
            id=document.id,
            subject=person,
            record_class=document.record_class,
            occurred_at=NOW,
            source="reference",
            item_codes=list(document.values or {}),
            sealed=sealed,
        )


def _file(first: int, last: int) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, ["external_id", *FACTS, *_values(0)])
    writer.writeheader()
    writer.writerows({"external_id": f"M-{n}", **FACTS, **_values(n)} for n in range(first, last))
    return text.getvalue().encode()


def _values(number: int) -> dict[str, str]:
    return {
        "name": f"김사람{number}",
        "login_id": f"import-{number}",
        "mobile": f"010-{number // 10_000:04}-{number % 10_000:04}",
        "email": f"import{number}@mail.example",
    }
