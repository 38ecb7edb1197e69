"""What the two import commands share: reading a file, previewing, applying, and saying what happened.

Exit status: 0 all rows are in, 1 some rows or the whole file were refused, 2 wrong call.
"""

import time
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.translation import gettext
from rich.console import Console
from rich.progress import Progress

from compliance.models import Job, Service
from compliance.restore.commands import OpenCommand
from members.imports import engine, jobs, refused_rows
from members.imports.csv_reader import MAX_BYTES
from members.imports.formats import extension_of
from members.imports.outcome import Preview
from members.imports.resource import resource_of
from members.imports.words import sentence

EXIT_REFUSED, EXIT_USAGE = 1, 2
SHOWN, PAUSE = 20, 1.0


class ImportCommand(OpenCommand):
    """A command that imports one kind of file through the engine."""

    kind_of_file = engine.PEOPLE

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the file, the service, and what to do with it."""
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--service", required=True, help="short name of the service")
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
        parser.add_argument(
            "--rejected", type=Path, metavar="FILE", help="write refused rows here (CSV or XLSX)"
        )
        parser.add_argument(
            "--at", type=moment, help="moment with offset, e.g. 2026-12-01T00:00+09:00"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Preview, then apply unless it is a dry run; refused rows make the exit status 1."""
        service = service_named(options["service"])
        data = self._read(options["file"])
        now = options["at"] or timezone.now()
        try:
            found = self._preview(service, data, now)
            if not (options["dry_run"] or found.problems):
                found = self._apply(service, data, now)
        except engine.NoPolicy:
            text = gettext("This service has no policy in force.")
            raise CommandError(text, returncode=EXIT_USAGE) from None
        self._report(found, options["rejected"], dry_run=options["dry_run"])

    def _read(self, file: Path) -> bytes:
        try:
            with file.open("rb") as source:
                return source.read(MAX_BYTES + 1)
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}", returncode=EXIT_USAGE) from None

    def _preview(self, service: Service, data: bytes, now: datetime) -> Preview:
        resource = resource_of(service, self.kind_of_file, now=now)
        return resource.import_file(data, dry_run=True).preview

    def _apply(self, service: Service, data: bytes, now: datetime) -> Preview:
        """Run the job to its end in this process, with progress; Ctrl-C takes everything back."""
        job = jobs.hand_in(service, data, kind_of_file=self.kind_of_file, actor=None, now=now)
        jobs.run_to_end(job, now=now)
        jobs.ask_apply(job, actor=None, now=now)
        console = Console(file=self.stdout, highlight=False)
        try:
            with Progress(console=console, transient=True, disable=not self.stdout.isatty()) as bar:
                task = bar.add_task(gettext("Importing"), total=None)
                while job.state in jobs.OPEN:
                    if not jobs.run_slice(job, now=now, chunks=jobs.SLICE):
                        self._wait(job)
                    bar.update(task, completed=job.done, total=job.total)
        except KeyboardInterrupt:
            self._stop(job, now)
        return self._outcome(job)

    def _stop(self, job: Job, now: datetime) -> None:
        """Take everything back, or finish where people have begun to come back. Raises if nothing went in."""
        stopped = jobs.ask_cancel(job, now=now)
        jobs.release(job)
        jobs.run_to_end(job, now=now)
        if stopped:
            text = gettext("Stopped; nothing was imported.")
            raise CommandError(text, returncode=EXIT_REFUSED) from None
        self.stderr.write(gettext("Too late to stop: dormant people had begun to come back."))

    def _wait(self, job: Job) -> None:
        """Somebody else puts a file in for this service, or a worker has taken this one."""
        time.sleep(PAUSE)
        job.refresh_from_db()

    def _outcome(self, job: Job) -> Preview:
        found = jobs.preview_of(job)
        if job.state == Job.State.FAILED or found is None:
            raise CommandError(
                gettext("The import failed; nothing was imported."), returncode=EXIT_REFUSED
            )
        return found

    def _report(self, found: Preview, rejected: Path | None, *, dry_run: bool) -> None:
        for problem in found.problems:
            self.stderr.write(sentence(problem.code, problem.column, problem.params))
        for row in found.rejected[:SHOWN]:
            reasons = "; ".join(sentence(r.code, r.column, r.params) for r in row.reasons)
            self.stderr.write(
                gettext("line %(line)s: %(reasons)s") % {"line": row.line, "reasons": reasons}
            )
        hidden = len(found.rejected) - SHOWN
        if hidden > 0:
            self.stderr.write(gettext("and %(count)s more refused rows") % {"count": hidden})
        if rejected and (found.rejected or found.problems):
            extension = extension_of(rejected.name)
            rejected.write_bytes(refused_rows.write(found, extension=extension))
        words = gettext("%(new)s new, %(changed)s changed, %(same)s same, %(rejected)s rejected")
        self.stdout.write(words % found.counts)
        if found.returning:
            words = gettext("%(returning)s dormant people come back from separate storage")
            self.stdout.write(words % found.counts)
        if dry_run:
            self.stdout.write(gettext("Nothing was saved."))
        if found.problems or found.rejected:
            raise CommandError(gettext("Not everything could be taken."), returncode=EXIT_REFUSED)


def service_named(slug: str) -> Service:
    """The service with a short name; a wrong one is a wrong call."""
    service = Service.objects.filter(slug=slug).first()
    if service is None:
        known = ", ".join(Service.objects.order_by("slug").values_list("slug", flat=True)) or "-"
        text = gettext("There is no service %(slug)s. Known: %(known)s") % {
            "slug": slug,
            "known": known,
        }
        raise CommandError(text, returncode=EXIT_USAGE)
    return service


def moment(text: str) -> datetime:
    """A moment of the command line, in the current zone where it names none."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else timezone.make_aware(found)
