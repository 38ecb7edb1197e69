"""Setting people apart and bringing them back, beside plain set statements over an equal copy of the rows."""

from datetime import UTC, date, datetime
from typing import Any

from django.db import connections, transaction

from compliance.models import Account, Service
from members.actions import dormancy_move
from members.archive.models import ArchivedRecord
from members.models import DataSubject, Dormancy, Record
from tests.benchmarks import crowd
from tests.benchmarks.bench_sweep import (
    _clean,
    _longest_transaction,
    _resident_mib,
    _used_ledger,
)
from tests.benchmarks.watch import Watch
from tests.tools import cast

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
MORE = 4  # Records of a person besides the account: a contract each.
BACK = 200


def run(members: int) -> dict[str, Any]:
    """Set people with five records each apart; ``units`` are records, ``members`` of them in all.

    ``ratio``: everything that ``set_apart`` does, against INSERT .. SELECT into an empty table of the same shape
    and indexes, DELETE of the same rows and one UPDATE of their people, committed, over an equal copy in ``default``.
    """
    service = cast.service()
    people = max(members // (MORE + 1), 1)
    crowd.rows(service, people)
    _more_records()
    plain = _plain_statements()
    _tell(service)
    _used_ledger(service)
    before = _resident_mib()
    with _longest_transaction() as longest, Watch() as moving:
        report = dormancy_move.set_apart(NOW, service)
    grown = _resident_mib() - before
    records = ArchivedRecord.objects.count()
    assert report.done == people and records == people * (MORE + 1) and not Record.objects.exists()
    return {
        **moving.of(records),
        "ratio": moving.seconds / plain["seconds"],
        "ratio_records_alone": moving.seconds / plain["records_alone"],
        "people": people,
        "longest_transaction_ms": max(longest) * 1000,
        "grown_mib": grown,
        **_one_by_one(),
    }


def _plain_statements() -> dict[str, float]:
    """Time one INSERT .. SELECT, one DELETE and one UPDATE over copies of the rows, committed together."""
    with connections["default"].cursor() as cursor:
        for table, of in (("plain_apart", Record), ("plain_live", Record)):
            cursor.execute(
                f"CREATE TABLE {table} AS SELECT * FROM {of._meta.db_table}{_EMPTY[table]}"
            )
            for n, columns in enumerate(_INDEXES):
                cursor.execute(f"CREATE {columns.format(name=f'{table}_{n}', table=table)}")
        people = DataSubject._meta.db_table
        cursor.execute(f"CREATE TABLE plain_people AS SELECT * FROM {people}")
        cursor.execute("CREATE UNIQUE INDEX plain_people_key ON plain_people (id)")
        cursor.execute("CREATE INDEX plain_people_state ON plain_people (service_id, status, id)")
        cursor.execute("ANALYZE")
    _clean()
    alone, people_too = Watch(), Watch()
    with people_too, transaction.atomic(), connections["default"].cursor() as cursor:
        with alone:
            cursor.execute("INSERT INTO plain_apart SELECT * FROM plain_live")
            cursor.execute("DELETE FROM plain_live")
        cursor.execute("UPDATE plain_people SET status = 'dormant'")
    with connections["default"].cursor() as cursor:
        for table in ("plain_apart", "plain_live", "plain_people"):
            cursor.execute(f"DROP TABLE {table}")
    _clean()
    return {"seconds": people_too.seconds, "records_alone": alone.seconds}


_EMPTY = {"plain_apart": " WHERE 1 = 0", "plain_live": ""}
_INDEXES = (
    "UNIQUE INDEX {name} ON {table} (id)",
    "INDEX {name} ON {table} (subject_id, record_class)",
    "INDEX {name} ON {table} (due_on, id) WHERE due_on IS NOT NULL",
)


def _more_records() -> None:
    """Give everybody four contracts beside the account, made by the database itself."""
    table = Record._meta.db_table
    names = "subject_id, record_class, occurred_at, anchors, source, item_codes, sealed, due_on, held_by, created_at"
    taken = names.replace("record_class", "'contract_records'", 1).replace(
        "anchors", "%(anchors)s", 1
    )
    with connections["default"].cursor() as cursor:
        new_id = "gen_random_uuid()"
        if connections["default"].vendor == "sqlite":
            new_id = "lower(hex(randomblob(16)))"
        else:
            taken = taken.replace("%(anchors)s", "%(anchors)s::jsonb")
        cursor.execute(
            f"INSERT INTO {table} (id, {names}) SELECT {new_id}, {taken} FROM {table}"
            f" CROSS JOIN (SELECT 1 {' '.join(['UNION ALL SELECT 1'] * (MORE - 1))}) four",
            {"anchors": '{"contract": "2024-03-02", "record_created": "2024-03-02"}'},
        )


def _tell(service: Service) -> None:
    """Note for everybody that they were told and have not come for a year."""
    used = datetime(2025, 11, 20, 3, tzinfo=UTC)
    DataSubject.objects.update(last_used_at=used)
    teller = Account.objects.create_staff("teller@office.example", "correct horse battery")
    table = Dormancy._meta.db_table
    with connections["default"].cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (subject_id, service_id, rule_code, state, last_used_on, notice_due_on,"
            " separate_on, told_on, told_channel, told_by_id) SELECT id, service_id, 'dormancy_1y', 'told',"
            f" %s, %s, %s, %s, 'phone', %s FROM {DataSubject._meta.db_table}",
            [
                *(date(2025, 11, 20), date(2026, 10, 22), date(2026, 11, 21), date(2026, 10, 22)),
                teller.pk,
            ],
        )


def _one_by_one() -> dict[str, Any]:
    """Bring some people back as a sign-in does, one after the other."""
    times = []
    for person in DataSubject.objects.order_by("pk")[:BACK]:
        with Watch() as coming:
            dormancy_move.bring_back(person, NOW, actor=None)
        times.append(coming.seconds)
    return {"back_ms": sorted(times)[len(times) // 2] * 1000, "back_worst_ms": max(times) * 1000}
