"""The roll of the keys: wrap every data key and every index entry anew, beside a plain update of the same rows."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connections, transaction

from compliance.keyring import blind_index, epochs, key_files, keys, rolling
from compliance.keyring.models import BlindIndex, DataKey, Epoch
from compliance.sweeps import Report
from compliance.tasks import roll_keys
from tests.benchmarks.bench_sweep import _clean, _longest_transaction, _resident_mib
from tests.benchmarks.watch import Watch

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
BATCH = 5_000


def run(members: int) -> dict[str, Any]:
    """Roll one key and one index entry per member.

    ``*_ratio`` is a step against one ``UPDATE`` that puts the same rows under the other epoch, as many random
    bytes of its own in each; microseconds are per row, ``grown_mib`` is the memory that the roll took.
    """
    _fill(members)
    plain_keys, plain_index = _plain(DataKey, "wrapped", 65), _plain(BlindIndex, "inner_sealed", 65)
    key_files.create_file(2)
    epochs.write(2, now=NOW)
    report, rewrap, rekey, rest = Report(), Watch(), Watch(), Watch()
    rolling.ROWS_PER_RUN = 3 * members
    before = _resident_mib()
    with _longest_transaction() as longest:
        with rewrap:
            rolling._move_keys(1, 2, report)
        with rekey:
            rolling._move_entries(1, 2, report)
        with rest:
            roll_keys(NOW + timedelta(hours=1))
    grown = _resident_mib() - before
    assert not report.skipped, report.skipped
    assert epochs.numbers() == {2} and Epoch.objects.get(number=1).forgotten_at
    return {
        "units": members,
        "seconds": rewrap.seconds + rekey.seconds + rest.seconds,
        "rewrap_us": rewrap.seconds / members * 1e6,
        "rekey_us": rekey.seconds / members * 1e6,
        "rest_seconds": rest.seconds,
        "rewrap_ratio": rewrap.seconds / plain_keys,
        "rekey_ratio": rekey.seconds / plain_index,
        "longest_transaction_ms": max(longest) * 1000,
        "grown_mib": grown,
    }


def _fill(members: int) -> None:
    for first in range(0, members, BATCH):
        ids: list[UUID] = [uuid4() for _ in range(first, min(first + BATCH, members))]
        keys.create(ids)
        blind_index.put_many(
            ("bench", "name", f"person{first + n}", id) for n, id in enumerate(ids)
        )


def _plain(model: Any, column: str, length: int) -> float:
    """Return the seconds of one set statement over all rows that changes what a roll changes; it is undone."""
    connection = connections["keyring"]
    sqlite = connection.vendor == "sqlite"
    fresh = f"randomblob({length})" if sqlite else "decode(repeat(md5(random()::text), 4), 'hex')"
    with transaction.atomic(using="keyring"):
        Epoch.objects.create(number=9, fingerprint="", wrapped_index_key=b"")
        with connection.cursor() as cursor, Watch() as watch:
            cursor.execute(f"UPDATE {model._meta.db_table} SET epoch_id = 9, {column} = {fresh}")
        transaction.set_rollback(True, using="keyring")
    _clean()
    return watch.seconds
