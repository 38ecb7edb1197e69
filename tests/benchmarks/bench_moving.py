"""Setting people apart and bringing them back, beside a plain copy, DELETE and UPDATE of an equal copy of the rows."""

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

    ``ratio``: everything that ``set_apart`` does, against one copy of the rows into the second database (a binary
    COPY piped into another; on SQLite rows handed to one executemany), one DELETE of the same rows and one UPDATE of
    their people, committed, over equal copies with equal indexes. ``ratio_one_database``: against INSERT .. SELECT in
    place of that copy, which never leaves its database.
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
        "ratio_one_database": moving.seconds / plain["one_database"],
        "people": people,
        "longest_transaction_ms": max(longest) * 1000,
        "grown_mib": grown,
        **_one_by_one(),
    }


def _plain_statements() -> dict[str, float]:
    """Time the plain way into the second database, and then within one, over copies of the same rows."""
    _plain_tables()
    _clean()
    timed = {}
    for name, copy in (("seconds", _into_second), ("one_database", _within)):
        _filled()
        with Watch() as watch, transaction.atomic(), transaction.atomic(using="archive"):
            copy()
            with connections["default"].cursor() as cursor:
                cursor.execute("DELETE FROM plain_live")
                cursor.execute("UPDATE plain_people SET status = 'dormant'")
        timed[name] = watch.seconds
    for alias, table in _PLACES:
        with connections[alias].cursor() as cursor:
            cursor.execute(f"DROP TABLE {table}")
    _clean()
    return timed


_PLACES = (
    ("default", "plain_live"),
    ("default", "plain_apart"),
    ("archive", "plain_apart"),
    ("default", "plain_people"),
)
_INDEXES = (
    "UNIQUE INDEX {name} ON {table} (id)",
    "INDEX {name} ON {table} (subject_id, record_class)",
    "INDEX {name} ON {table} (due_on, id) WHERE due_on IS NOT NULL",
)
_OF_PEOPLE = (
    "UNIQUE INDEX {name} ON {table} (id)",
    "INDEX {name} ON {table} (service_id, status, id)",
)


def _plain_tables() -> None:
    """Make tables of the shape of records and of people, and the indexes that moving needs."""
    people, live = DataSubject._meta.db_table, Record._meta.db_table
    for alias, table in _PLACES:
        of = people if table == "plain_people" else live
        columns = _columns(of)
        with connections[alias].cursor() as cursor:
            cursor.execute(f"CREATE TABLE {table} ({columns})")
            indexes = _OF_PEOPLE if table == "plain_people" else _INDEXES
            for n, index in enumerate(indexes):
                cursor.execute(f"CREATE {index.format(name=f'{table}_{n}', table=table)}")


def _columns(table: str) -> str:
    """Return names and types of the columns of a table."""
    with connections["default"].cursor() as cursor:
        if connections["default"].vendor == "sqlite":
            cursor.execute(f"SELECT name, type FROM pragma_table_info('{table}') ORDER BY cid")
        else:
            cursor.execute(
                "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
                f" WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
            )
        return ", ".join(f"{name} {kind}" for name, kind in cursor.fetchall())


def _filled() -> None:
    """Fill the live copies anew and leave the places of the copy empty."""
    for alias, table in _PLACES:
        with connections[alias].cursor() as cursor:
            cursor.execute(f"DELETE FROM {table}")
    with connections["default"].cursor() as cursor:
        cursor.execute(f"INSERT INTO plain_live SELECT * FROM {Record._meta.db_table}")
        cursor.execute(f"INSERT INTO plain_people SELECT * FROM {DataSubject._meta.db_table}")
        cursor.execute("ANALYZE")
    _clean()


def _within() -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("INSERT INTO plain_apart SELECT * FROM plain_live")


def _into_second() -> None:
    with connections["default"].cursor() as source, connections["archive"].cursor() as sink:
        if connections["default"].vendor == "sqlite":
            rows = source.execute("SELECT * FROM plain_live").fetchall()
            marks = ", ".join(["%s"] * len(rows[0]))
            sink.executemany(f"INSERT INTO plain_apart VALUES ({marks})", rows)
            return
        out = "COPY plain_live TO STDOUT (FORMAT BINARY)"
        with (
            source.copy(out) as rows,
            sink.copy("COPY plain_apart FROM STDIN (FORMAT BINARY)") as to,
        ):
            for row in rows:
                to.write(row)


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
