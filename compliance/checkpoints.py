"""Signed checkpoints: who rewrites the whole ledger, and its tail as well, is found by one kept outside.

A checkpoint goes into the tail, into the folders of ``CHECKPOINT_DIRS`` and once a day by mail to the chief
officers. Only what the tail already holds is signed, so that no database that was put back gets a signature.
"""

import logging
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from compliance import checkpoint_mail, ledger_reading, signing, tail
from compliance.ledger_verifier import canonical, parse_checkpoint
from compliance.models.ledger_checkpoint import LedgerCheckpoint
from compliance.models.ledger_entry import LedgerEntry
from compliance.sweeps import Report

log = logging.getLogger(__name__)
EVERY, ENTRIES = timedelta(minutes=60), 1_000
MAIL_EVERY = timedelta(days=1)
TAIL_LATE, LATE = timedelta(minutes=5), timedelta(hours=2)
LATEST = "checkpoint-latest.json"


def sign_due(now: datetime, *, dry_run: bool = False) -> Report:
    """Sign the newest entry when the last checkpoint is an hour or 1,000 entries old and there is something new."""
    if not is_due(now):
        return Report()
    if not dry_run:
        make(now)
    return Report(done=1)


def is_due(now: datetime) -> bool:
    """Tell whether a checkpoint is to be made."""
    last, head = newest(), ledger_reading.head()
    if last is None:
        return head[0] > 0
    grown = head[0] - last.seq
    return head != (last.seq, last.head_hash) and (now >= last.at + EVERY or grown >= ENTRIES)


def newest() -> LedgerCheckpoint | None:
    """Return the newest checkpoint."""
    return LedgerCheckpoint.objects.order_by("-id").first()


def make(now: datetime) -> LedgerCheckpoint:
    """Sign the newest entry and send the checkpoint out; the first one makes the key.

    Stopped anywhere, the next call makes another one, which does no harm. Raises ``tail.TailDiffers`` for a ledger
    that was put back or altered, and ``OSError`` when tail or key cannot be written: then nothing is signed.
    """
    tail.catch_up()
    signing.ensure_key()
    seq, digest = tail.newest()
    checkpoint = signing.sign(seq, digest, now.astimezone(UTC).isoformat(timespec="microseconds"))
    tail.append("checkpoint", checkpoint)
    folders = sum(_put(Path(folder), checkpoint) for folder in settings.CHECKPOINT_DIRS)
    return LedgerCheckpoint.objects.create(
        seq=seq,
        head_hash=digest,
        at=now,
        signature=checkpoint["signature"],
        key_fingerprint=checkpoint["key"],
        folders=folders,
        mails=checkpoint_mail.send(checkpoint, now=now) if _mail_is_due(now) else 0,
    )


def tail_is_late(now: datetime) -> bool:
    """Tell whether an entry of more than five minutes is not in the tail, or the tail knows another ledger."""
    seq, digest = tail.newest()
    entries = LedgerEntry.objects.order_by("seq")
    if seq and not entries.filter(seq=seq, hash=digest).exists():
        return True
    return _waits(entries.filter(seq__gt=seq), now - TAIL_LATE)


def is_late(now: datetime) -> bool:
    """Tell whether an entry of more than two hours is under no checkpoint."""
    last = newest()
    entries = LedgerEntry.objects.order_by("seq").filter(seq__gt=last.seq if last else 0)
    return _waits(entries, now - LATE)


def warnings(now: datetime) -> list[str]:
    """Return the names of what is late: ``ledger_tail``, ``ledger_checkpoint``."""
    late = {"ledger_tail": tail_is_late(now), "ledger_checkpoint": is_late(now)}
    return [name for name, is_so in late.items() if is_so]


def places(now: datetime) -> int:
    """Return to how many places outside the databases the checkpoints of the last two days went."""
    recent = LedgerCheckpoint.objects.filter(at__gt=now - 2 * MAIL_EVERY)
    last = recent.order_by("-id").first()
    by_mail = recent.filter(mails__gt=0).exists()
    return (last.folders if last else 0) + by_mail


def _waits(entries: Any, since: datetime) -> bool:
    first = entries.values_list("at", flat=True).first()
    return first is not None and first < since


def _mail_is_due(now: datetime) -> bool:
    return not LedgerCheckpoint.objects.filter(mails__gt=0, at__gt=now - MAIL_EVERY).exists()


def _put(folder: Path, checkpoint: dict[str, Any]) -> bool:
    """Put a checkpoint into a folder in one step; one of a longer or newer ledger stays there under its number."""
    latest, draft = folder / LATEST, folder / f".{LATEST}.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _keep_evidence(latest, checkpoint)
        with draft.open("w", encoding="ascii") as output:
            output.write(canonical(checkpoint) + "\n")
            output.flush()
            os.fsync(output.fileno())
        draft.replace(latest)
    except OSError as error:
        log.error("a folder for checkpoints took nothing: %s", type(error).__name__)
        return False
    return True


def _keep_evidence(latest: Path, checkpoint: dict[str, Any]) -> None:
    if not latest.exists():
        return
    content = latest.read_text(encoding="ascii", errors="replace")
    try:
        kept = parse_checkpoint(content)
    except ValueError:
        latest.replace(latest.with_name(f"checkpoint-unreadable-{latest.stat().st_mtime_ns}.json"))
        return
    if kept["seq"] >= checkpoint["seq"] and kept["hash"] != checkpoint["hash"]:
        latest.replace(latest.with_name(f"checkpoint-{kept['seq']}-{kept['hash'][:8]}.json"))
