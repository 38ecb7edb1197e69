"""An import as a job that may be left alone: handed in, previewed, applied, taken back."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import translation

from compliance import ledger
from compliance.actions import upload
from compliance.models import Account, Job, Service, Upload
from compliance.sweeps import Report
from members.imports import outcome, refused_rows, staging
from members.imports.csv_reader import MAX_BYTES, FileRefused
from members.imports.outcome import Preview
from members.imports.resource import ImportResource, resource_of

KIND = "import"
FILE, FOUND = "import.file", "import.found"
PREVIEW, PREVIEWED, APPLY, APPLIED = "preview", "previewed", "apply", "applied"
LEASE = timedelta(minutes=2)
SLICE = 20  # Chunks in one run, so that a stopped worker loses little time.
TRIES = 3
OPEN = (Job.State.WAITING, Job.State.RUNNING)
log = logging.getLogger(__name__)


def hand_in(
    service: Service, data: bytes, *, kind_of_file: str, actor: Account | None, now: datetime
) -> Job:
    """Seal a file and make the job that previews it. Raises ``FileRefused`` for a file over 20 MB."""
    if len(data) > MAX_BYTES:
        raise FileRefused("file_too_large", limit_mb=MAX_BYTES // (1024 * 1024))
    with transaction.atomic():
        job = Job.objects.create(
            kind=KIND,
            service=service,
            owner=actor,
            params={"kind": kind_of_file, "step": PREVIEW, "tries": 0},
            created_at=now,
        )
        ledger.record(
            "members.import.handed_in",
            actor=actor,
            now=now,
            service=service,
            data={"job": job.pk.hex, "kind": kind_of_file, "size": len(data)},
        )
    _attach(job, data, FILE, now)
    return job


def ask_apply(job: Job, *, actor: Account | None, now: datetime) -> bool:
    """Let a previewed job be applied; False where it is not waiting for that. From PREVIEWED to APPLY."""
    if job.params.get("step") != PREVIEWED or job.outcome.get("problems"):
        return False
    ready = Job.objects.filter(pk=job.pk, state__in=(Job.State.DONE, Job.State.PROBLEMS))
    params = job.params | {"step": APPLY, "tries": 0}
    changed = ready.update(
        state=Job.State.WAITING, params=params, done=0, cursor=0, outcome={}, finished_at=None
    )
    job.refresh_from_db()
    return bool(changed)


def ask_cancel(job: Job, *, now: datetime) -> bool:
    """Ask a job to stop after the chunk in hand; everything that it has put in is taken back.

    False where it is not open, and from the moment on at which dormant people come back by it: their order proves
    that they use the service, so the file goes in.
    """
    waiting = Job.objects.filter(pk=job.pk, state__in=OPEN, cancel_asked_at=None)
    may_stop = waiting.exclude(params__has_key=staging.RETURNING)
    return bool(may_stop.update(cancel_asked_at=now))


def run_due(now: datetime, *, dry_run: bool = False) -> Report:
    """Run the next slice of every import that waits or that a stopped worker left behind."""
    report = Report()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    for job in Job.objects.filter(free, kind=KIND, state__in=OPEN).order_by("created_at")[:10]:
        if dry_run or not _claim(job, now):
            report.skip("waiting")
            continue
        report.done += int(_run_safely(job, now))
    return report


def run_to_end(job: Job, *, now: datetime) -> Job:
    """Run one job in this process until it waits for a person or is finished."""
    while job.state in OPEN and _claim(job, now):
        _run(job, now)
        job.refresh_from_db()
    return job


def run_slice(job: Job, *, now: datetime, chunks: int) -> bool:
    """Run at most ``chunks`` chunks of one job in this process; False where somebody else has it."""
    if not _claim(job, now):
        return False
    _run(job, now, chunks)
    job.refresh_from_db()
    return True


def release(job: Job) -> None:
    """Give a job up that this process had claimed, so that the next run may take it at once."""
    Job.objects.filter(pk=job.pk).update(lease_until=None)
    job.refresh_from_db()


def preview_of(job: Job) -> Preview | None:
    """What a job has found, with refused rows and differences; None once it is destroyed."""
    held = job.uploads.filter(kind=FOUND, destroyed_at=None).order_by("-received_at").first()
    data = upload.read(held) if held else None
    return outcome.from_json(data) if data else None


def rejected_file(job: Job, *, extension: str = "csv", language: str = "en") -> bytes | None:
    """The refused rows of a job as CSV or XLSX, each with its line and its reasons in words."""
    found = preview_of(job)
    if found is None:
        return None
    with translation.override(language):
        return refused_rows.write(found, extension=extension)


def _claim(job: Job, now: datetime) -> bool:
    """Take a job for a while; of a service only one file is put in at a time.

    Two files with the same people, put in at the same moment, would not see each other's rows.
    """
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    with transaction.atomic():
        Service.objects.select_for_update(no_key=True).get(pk=job.service_id)
        if job.params["step"] == APPLY and _others_put_in(job, now):
            return False
        mine = Job.objects.filter(free, pk=job.pk, state__in=OPEN)
        if not mine.update(state=Job.State.RUNNING, lease_until=now + LEASE):
            return False
    job.refresh_from_db()
    if job.started_at is None:
        job.started_at = now
        job.save(update_fields=["started_at"])
    return True


def _others_put_in(job: Job, now: datetime) -> bool:
    others = Job.objects.filter(kind=KIND, service=job.service_id, state=Job.State.RUNNING)
    return others.filter(params__step=APPLY, lease_until__gte=now).exclude(pk=job.pk).exists()


def _run_safely(job: Job, now: datetime) -> bool:
    try:
        _run(job, now)
    except Exception as error:  # One broken file must not stop the imports after it.
        log.error("import %s failed: %s", job.pk.hex[:8], type(error).__name__)
        _note_failure(job, now)
        return False
    return True


def _note_failure(job: Job, now: datetime) -> None:
    job.refresh_from_db()
    job.params["tries"] = job.params.get("tries", 0) + 1
    job.save(update_fields=["params"])
    if job.params["tries"] >= TRIES:
        _give_up(job, "failed", Job.State.FAILED, now)


def _run(job: Job, now: datetime, chunks: int | None = None) -> None:
    """One step of a claimed job: its preview, a slice of applying it, or taking it back."""
    if job.cancel_asked_at:
        _give_up(job, "cancelled", Job.State.CANCELLED, now)
        return
    data = _file_of(job)
    if data is None:
        _give_up(job, "file_gone", Job.State.FAILED, now)
    elif job.params["step"] == PREVIEW:
        _preview(job, data, now)
    else:
        _apply(job, data, now, chunks)


def _preview(job: Job, data: bytes, now: datetime) -> None:
    found = _resource(job, now).import_file(data, dry_run=True).preview
    _attach(job, outcome.to_json(found), FOUND, now)
    with transaction.atomic():
        ledger.record(
            "members.import.previewed",
            actor=job.owner,
            now=now,
            service=job.service,
            data={"job": job.pk.hex, "kind": job.params["kind"], **found.counts},
        )
        _finish(job, found, PREVIEWED, now)


def _apply(job: Job, data: bytes, now: datetime, chunks: int | None) -> None:
    if job.params["step"] == APPLIED:  # Stopped after the file was in.
        staging.repair(job, now=now)
        _close(job, Job.State.DONE, now)
        return
    options = {"job": job, "actor": job.owner, "chunks": chunks or SLICE}
    found = _resource(job, now).import_file(data, **options).preview
    if found is None:
        Job.objects.filter(pk=job.pk).update(lease_until=None)
        return
    if found.problems:
        _attach(job, outcome.to_json(found), FOUND, now)
        _give_up(job, "problems", Job.State.FAILED, now)
        return
    _replace_found(job, found, now)
    _finish(job, found, APPLIED, now)
    _destroy(job, FILE, now)


def _resource(job: Job, now: datetime) -> ImportResource:
    return resource_of(job.service, job.params["kind"], now=now)


def _finish(job: Job, found: Preview, step: str, now: datetime) -> None:
    job.params = job.params | {"step": step}
    job.outcome = (job.outcome if step == APPLIED else {}) | found.counts
    job.total = found.rows
    job.done = found.rows
    job.save(update_fields=["params", "outcome", "total", "done"])
    bad = found.rejected or found.problems
    _close(job, Job.State.PROBLEMS if bad else Job.State.DONE, now)


def _close(job: Job, state: str, now: datetime) -> None:
    job.state, job.finished_at, job.lease_until = state, now, None
    job.save(update_fields=["state", "finished_at", "lease_until"])


def _give_up(job: Job, reason: str, state: str, now: datetime) -> None:
    """Take back all that is not visible yet, destroy the file, and say why and who has come back by it."""
    back = staging.came_back(job)
    people, records = staging.drop(job, actor=job.owner, now=now)
    _destroy(job, FILE, now)
    with transaction.atomic():
        ledger.record(
            "members.import.dropped",
            actor=job.owner,
            now=now,
            service=job.service,
            data={
                "job": job.pk.hex,
                "reason": reason,
                "people": people,
                "records": records,
                "returned": back,
            },
        )
        job.outcome = {"reason": reason, "returned": back}
        job.save(update_fields=["outcome"])
        _close(job, state, now)


def _replace_found(job: Job, found: Preview, now: datetime) -> None:
    _destroy(job, FOUND, now)
    _attach(job, outcome.to_json(found), FOUND, now)


def _attach(job: Job, data: bytes, kind: str, now: datetime) -> None:
    held = upload.receive(data, kind=kind, actor=job.owner, now=now)
    Upload.objects.filter(pk=held.pk).update(job=job)


def _file_of(job: Job) -> bytes | None:
    held = job.uploads.filter(kind=FILE, destroyed_at=None).first()
    return upload.read(held) if held else None


def _destroy(job: Job, kind: str, now: datetime) -> None:
    ids = list(job.uploads.filter(kind=kind, destroyed_at=None).values_list("pk", flat=True))
    upload.destroy(ids, actor=job.owner, now=now)
