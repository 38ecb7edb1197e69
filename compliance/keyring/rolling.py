"""The roll: everything that lives is wrapped under a new key, then the old key is forgotten for ever.

Until then whoever has an old backup of the databases and the key file can undo a destruction; afterwards nobody
can. Every step is safe to repeat, so a roll that was killed is simply run again.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import OperationalError, connections, transaction

from compliance.keyring import blind_index, checkpoint, epochs, key_files, keys, recovery, secrets
from compliance.keyring.envelope import Unreadable, unwrap, wrap
from compliance.keyring.models import BlindIndex, DataKey, Epoch, SealedSecret
from compliance.keyring.rewriting import batches, move, move_entries
from compliance.sweeps import Report

PASSES = 3  # Rows that somebody held in the first are free in the next.
ROWS_PER_RUN = (
    1_000_000  # The rest follows in the next turn; a worker is stopped after 280 seconds.
)
WRAPPED = (DataKey, BlindIndex, SealedSecret)

Finalise = Callable[[int, datetime], int]


def run(now: datetime, *, finalise: Finalise, dry_run: bool = False) -> Report:
    """Begin a roll if the current epoch is older than ``KEY_ROLL_HOURS``, or go on with an unfinished one.

    ``finalise(epoch, now)`` is called once the key of an epoch is gone. The report counts rows wrapped anew and
    epochs forgotten; ``busy`` is somebody else's roll or lock, ``damaged`` a row that its own key does not open.
    """
    known = list(Epoch.objects.filter(forgotten_at=None).order_by("number"))
    report = Report()
    if not _anything_to_do(known, now):
        return report
    if dry_run:
        return Report(done=sum(model.objects.count() for model in WRAPPED))
    with key_files.alone() as alone:
        if not alone:
            report.skip("busy")
            return report
        try:
            _begin(now)
            _move_all(report)
            _forget(now, finalise, report)
        except recovery.RecoveryRefused:
            report.skip("recovery_copy")
    checkpoint.truncate_wal()
    return report


def is_due(epoch: Epoch, now: datetime) -> bool:
    """Say whether an epoch has lasted as long as the setting wants."""
    return now >= epoch.created_at + epochs.interval()


def _anything_to_do(known: list[Epoch], now: datetime) -> bool:
    living = [epoch for epoch in known if epoch.retired_at is None]
    if len(living) == 1 and not is_due(living[0], now):
        return any(_forgettable(epoch) for epoch in known if epoch.retired_at)
    return bool(living)


def _forgettable(epoch: Epoch) -> bool:
    return epoch.erasable and key_files.erasable(epoch.number)


def _begin(now: datetime) -> None:
    """Make key, recovery copy and row of the next epoch, in this order: nothing is ever under a key not saved."""
    living = epochs.living()
    if len(living) != 1 or not is_due(living[0], now):
        return
    number = living[0].number + 1
    key_files.create_file(number)
    recovery.write_copies([living[0].number, number])
    epochs.write(number, now=now)


def _move_all(report: Report) -> None:
    newest, *older = epochs.numbers_newest_first()
    for old in reversed(older):
        for _ in range(PASSES):
            if report.done >= ROWS_PER_RUN or not _left(old):
                break
            report.skipped.clear()  # What is still in the way after the last pass counts.
            for step in (_move_keys, _move_entries, _move_secrets):
                if report.done < ROWS_PER_RUN:
                    step(old, newest, report)


def _move_keys(old: int, new: int, report: Report) -> None:
    reading, writing = (key_files.purpose_key(number, keys.PURPOSE) for number in (old, new))

    def renewed(id: Any, wrapped: bytes) -> tuple[Any, ...]:
        key = unwrap(reading, bytes(wrapped), aad=keys.aad(id))
        return id, wrap(writing, new, key, aad=keys.aad(id))

    for part in batches(DataKey, old, ["wrapped"]):
        rows = _renewed(renewed, part, report)
        _count(report, len(rows), move(DataKey, ["wrapped"], rows, old, new))
        if report.done >= ROWS_PER_RUN:
            return


def _move_entries(old: int, new: int, report: Report) -> None:
    reading, writing = (key_files.purpose_key(number, blind_index.INNER) for number in (old, new))
    index_key = epochs.index_keys()[new]

    def renewed(id: Any, scope: str, field: str, key: Any, sealed: bytes) -> tuple[Any, ...]:
        aad = blind_index.aad(scope, field, key)
        inner = unwrap(reading, bytes(sealed), aad=aad)
        return id, blind_index.mac(index_key, inner), wrap(writing, new, inner, aad=aad)

    for part in batches(BlindIndex, old, ["scope", "field", "key", "inner_sealed"]):
        rows = _renewed(renewed, part, report)
        moved = move_entries(["digest", "inner_sealed"], rows, old, new)
        _count(report, len(rows), moved)
        if report.done >= ROWS_PER_RUN:
            return


def _move_secrets(old: int, new: int, report: Report) -> None:
    def renewed(name: str, wrapped: bytes) -> tuple[Any, ...]:
        row = SealedSecret(name=name, epoch_id=old, wrapped=wrapped)
        return name, secrets.rewrap(row, new)

    for part in batches(SealedSecret, old, ["wrapped"]):
        rows = _renewed(renewed, part, report)
        _count(report, len(rows), move(SealedSecret, ["wrapped"], rows, old, new))


def _renewed(renew: Callable[..., Any], part: list[Any], report: Report) -> list[Any]:
    rows = []
    for row in part:
        try:
            rows.append(renew(*row))
        except Unreadable:
            report.skip("damaged")
    return rows


def _count(report: Report, rows: int, moved: bool) -> None:
    if moved:
        report.done += rows
    else:
        report.skip("busy", rows)


def _forget(now: datetime, finalise: Finalise, report: Report) -> None:
    for number in sorted(epochs.numbers())[:-1]:
        if not _retire(number, now):
            report.skip("unfinished")
    retired = Epoch.objects.filter(forgotten_at=None, retired_at__isnull=False)
    gone = [epoch for epoch in retired.order_by("number") if _forgettable(epoch)]
    if gone:
        recovery.write_copies(epochs.numbers_newest_first())
    for epoch in gone:
        key_files.erase(epoch.number)
        finalise(epoch.number, now)
        Epoch.objects.filter(number=epoch.number).update(forgotten_at=now)
        report.done += 1


def _retire(number: int, now: datetime) -> bool:
    """End an epoch that wraps nothing; whoever is still inserting under it holds its row, and is waited for."""
    try:
        with transaction.atomic(using=epochs.DATABASE):
            row = Epoch.objects.filter(number=number)
            if connections[epochs.DATABASE].vendor == "postgresql":
                list(row.select_for_update(nowait=True))
            if _left(number):
                return False
            row.update(retired_at=now, wrapped_index_key=b"")
    except OperationalError:
        return False
    return True


def _left(number: int) -> bool:
    return any(model.objects.filter(epoch=number).exists() for model in WRAPPED)
