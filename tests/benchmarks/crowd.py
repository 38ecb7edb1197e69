"""A crowd for benchmarks: MIKMIK with many members, sealed one by one or, where only rows count, made in SQL."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

from django.db import connections, transaction

from compliance.keyring import epochs
from compliance.keyring.models import BlindIndex, DataKey
from compliance.models import Service
from compliance.selectors import policy_values
from members.actions import record
from members.models import DataSubject, Record
from tests.tools import cast

JOINED = datetime(2024, 3, 2, 1, tzinfo=UTC)
BATCH = 1_000
FIELDS = ("name", "login_id", "email", "mobile")


def members(count: int) -> Service:
    """Return MIKMIK with ``count`` active members in three languages."""
    service = cast.service()
    version = cast.version(service)
    for first in range(0, count, BATCH):
        people = DataSubject.objects.bulk_create(
            _people(service, version, first, min(first + BATCH, count))
        )
        rows = [
            record.NewValues(one, _values(n), JOINED, "registration")
            for n, one in enumerate(people, first)
        ]
        record.keep_many(rows, policy=policy_values(version), actor=None, now=JOINED)
    return service


def people(service: Service, count: int) -> None:
    """Add active members without records, made by the database itself."""
    given = {"first": 0, "last": count - 1, "service": service.pk, "at": JOINED.isoformat(sep=" ")}
    with connections["default"].cursor() as cursor:
        cursor.execute(_STATEMENTS[connections["default"].vendor][0], given)


def rows(service: Service, count: int, *, due_on: date | None = None) -> None:
    """Add people with a record, a key and four index entries each, made by the database itself.

    Sealed bytes, wrapped keys and digests are random and as long as real ones, and cannot be opened: for work
    that only moves or deletes them. The tables are analysed, as autovacuum would have done.
    """
    first = DataSubject.objects.count()
    statements = _STATEMENTS[connections["default"].vendor]
    given = {
        "first": first,
        "last": first + count - 1,
        "service": service.pk,
        "at": JOINED.isoformat(sep=" "),
        "due_on": due_on.isoformat() if due_on else None,
        "epoch": epochs.current().number,
        "slug": service.slug,
    }
    for alias, sql in zip(("default", "default", "keyring", "keyring"), statements, strict=True):
        with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
            cursor.execute(sql, given)
    for alias in ("default", "keyring"):
        with connections[alias].cursor() as cursor:
            cursor.execute("ANALYZE")


def _people(service, version, first: int, last: int) -> Iterator[DataSubject]:
    for number in range(first, last):
        yield DataSubject(
            service=service,
            kind="member",
            status="active",
            language=("ko", "en", "id")[number % 3],
            agreed_version=version,
            source="registration",
            joined_at=JOINED,
            last_used_at=JOINED,
        )


def _values(number: int) -> dict[str, str]:
    return {
        "name": f"Person {number}",
        "login_id": f"person-{number}",
        "email": f"person{number}@mail.example",
        "mobile": f"010-{number // 10_000:04}-{number % 10_000:04}",
    }


# The key of a person's record is the digest of the person's number, so that each table can be filled alone.
_SUBJECTS, _RECORDS = DataSubject._meta.db_table, Record._meta.db_table
_KEYS, _INDEX = DataKey._meta.db_table, BlindIndex._meta.db_table
_SUBJECT_COLUMNS = "public_id, service_id, kind, status, language, source, joined_at, last_used_at"
_RECORD_COLUMNS = (
    "id, subject_id, record_class, occurred_at, anchors, source, item_codes, sealed, due_on, held_by,"
    " created_at"
)
_INDEX_COLUMNS = "epoch_id, scope, field, digest, inner_sealed, key"
_ITEMS = '["email", "login_id", "mobile", "name"]'
_POSTGRESQL = (
    f"INSERT INTO {_SUBJECTS} ({_SUBJECT_COLUMNS}) SELECT md5('p' || n), %(service)s, 'member', 'active', 'ko',"
    " 'bench', %(at)s::timestamptz, %(at)s::timestamptz FROM generate_series(%(first)s, %(last)s) n",
    f"INSERT INTO {_RECORDS} ({_RECORD_COLUMNS}) SELECT md5('r' || n)::uuid, s.id, 'account_data',"
    " %(at)s::timestamptz, '{\"record_created\": \"2024-03-02\"}'::jsonb, 'bench',"
    f" '{_ITEMS}'::jsonb, decode(repeat(md5('s' || n), 13), 'hex'), %(due_on)s::date, 'purpose_end', now()"
    f" FROM generate_series(%(first)s, %(last)s) n JOIN {_SUBJECTS} s ON s.public_id = md5('p' || n)",
    f"INSERT INTO {_KEYS} (id, epoch_id, wrapped, created_at) SELECT md5('r' || n)::uuid, %(epoch)s,"
    " decode(repeat(md5('k' || n), 4), 'hex'), now() FROM generate_series(%(first)s, %(last)s) n",
    f"INSERT INTO {_INDEX} ({_INDEX_COLUMNS}) SELECT %(epoch)s, %(slug)s, f,"
    " decode(md5(f || n) || md5(n || f), 'hex'), decode(repeat(md5('i' || f || n), 4), 'hex'), md5('r' || n)::uuid"
    f" FROM generate_series(%(first)s, %(last)s) n, unnest(ARRAY{list(FIELDS)!r}) f",
)
_NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT %(first)s UNION ALL SELECT n + 1 FROM numbers WHERE n < %(last)s) "
_ID = "printf('%%032x', n * 2654435761 + 7)"  # Spread like random ids, and known from the number alone.
_SQLITE = (
    f"INSERT INTO {_SUBJECTS} ({_SUBJECT_COLUMNS}) {_NUMBERS} SELECT {_ID}, %(service)s, 'member', 'active', 'ko',"
    " 'bench', %(at)s, %(at)s FROM numbers",
    f"INSERT INTO {_RECORDS} ({_RECORD_COLUMNS}) {_NUMBERS} SELECT {_ID}, s.id, 'account_data', %(at)s,"
    f" '{{\"record_created\": \"2024-03-02\"}}', 'bench', '{_ITEMS}', randomblob(208), %(due_on)s, 'purpose_end',"
    f" %(at)s FROM numbers JOIN {_SUBJECTS} s ON s.public_id = {_ID}",
    f"INSERT INTO {_KEYS} (id, epoch_id, wrapped, created_at) {_NUMBERS} SELECT {_ID}, %(epoch)s, randomblob(64),"
    " '2026-11-01 00:00:00' FROM numbers",
    f"INSERT INTO {_INDEX} ({_INDEX_COLUMNS}) {_NUMBERS} SELECT %(epoch)s, %(slug)s, f.value, randomblob(32),"
    f" randomblob(64), {_ID} FROM numbers, json_each('{_ITEMS}') f",
)
_STATEMENTS = {"postgresql": _POSTGRESQL, "sqlite": _SQLITE}
