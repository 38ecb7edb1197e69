"""Imports as resources of django-import-export: its contract in front, the one engine behind.

The stock import saves row after row through model forms, in the request, from an unsealed file. A
resource here leaves all of that out: ``import_data`` previews or applies through the engine, and
answers with the library's ``Result``. Source: django-import-export 4.4, "Import workflow".
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import zip_longest
from typing import Any

from django.core.exceptions import ValidationError
from import_export.resources import Resource
from import_export.results import Error, Result, RowResult
from tablib import Dataset

from compliance.models import Account, Job, Service
from members.imports import engine, formats, tables
from members.imports.csv_reader import FileRefused
from members.imports.outcome import Preview, RejectedRow
from members.imports.words import sentence
from members.rules.import_columns import Reason

NEEDS_JOB = "A file is applied by a job: import_data(dataset, job=...)."


class ImportResult(Result):
    """The library's result; ``preview`` is the same in our terms, None while a job has more to do.

    Rows come in the order new, update, skip, invalid. Only invalid rows carry values, because only
    they go back to whoever handed them in.
    """

    def __init__(self, preview: Preview | None) -> None:
        super().__init__()
        self.preview = preview
        if preview is not None:
            self._take(preview)

    def _take(self, preview: Preview) -> None:
        self.diff_headers = list(preview.header)
        self.total_rows = preview.rows
        for problem in preview.problems:
            self.append_base_error(self.problem(problem))
        self._take_sound(RowResult.IMPORT_TYPE_NEW, preview.new)
        self._take_sound(RowResult.IMPORT_TYPE_UPDATE, preview.changed)
        self._take_sound(RowResult.IMPORT_TYPE_SKIP, preview.same)
        for row in preview.rejected:
            self._take_rejected(row, preview.header)

    @staticmethod
    def problem(reason: Reason) -> Error:
        """A reason that refuses the whole file."""
        return Error(ValidationError(_words([reason])))

    def _take_sound(self, import_type: str, count: int) -> None:
        for _ in range(count):
            self._append(RowResult(), import_type)

    def _take_rejected(self, rejected: RejectedRow, header: Sequence[str]) -> None:
        row = RowResult()
        row.validation_error = ValidationError(_words(rejected.reasons))
        pairs = zip_longest(header, rejected.cells[: len(header)], fillvalue="")
        row.row_values = dict(pairs)
        self._append(row, RowResult.IMPORT_TYPE_INVALID)
        self.append_invalid_row(rejected.line, row.row_values, row.validation_error)

    def _append(self, row: RowResult, import_type: str) -> None:
        row.import_type = import_type
        self.append_row_result(row)
        self.increment_row_result_total(row)


class ImportResource(Resource):
    """What imports of one kind of file share; ``now`` is the moment that the rows are judged at."""

    kind_of_file = ""

    def __init__(self, service: Service, *, now: datetime) -> None:
        super().__init__()
        self.service, self.now = service, now

    def import_data(
        self,
        dataset: Dataset,
        dry_run: bool = False,
        raise_errors: bool = False,
        use_transactions: bool | None = None,
        collect_failed_rows: bool = False,
        rollback_on_validation_errors: bool = False,
        *,
        job: Job | None = None,
        actor: Account | None = None,
        chunks: int | None = None,
        **_more: Any,
    ) -> ImportResult:
        """Preview a dataset (``dry_run``), or put at most ``chunks`` chunks of it in for a job.

        The options of the library have no meaning here: the engine always keeps sound rows, shows
        none before all are in, and names every refused one. Raises ``engine.NoPolicy``.
        """
        rows = tables.of_dataset(dataset)
        if dry_run:
            return ImportResult(
                engine.preview(self.service, rows, kind_of_file=self.kind_of_file, now=self.now)
            )
        if job is None:
            raise ValueError(NEEDS_JOB)
        return ImportResult(engine.advance(job, rows, actor=actor, now=self.now, chunks=chunks))

    def import_file(self, data: bytes, **options: Any) -> ImportResult:
        """``import_data`` for the bytes of a file; one that cannot be read is a result as well."""
        try:
            dataset = formats.read(data)
        except FileRefused as refused:
            return ImportResult(engine.refused_whole(refused))
        return self.import_data(dataset, **options)


class PeopleResource(ImportResource):
    """People of a service."""

    kind_of_file = engine.PEOPLE


class EventsResource(ImportResource):
    """Orders, payments and other events of people who are here."""

    kind_of_file = engine.EVENTS


RESOURCES: dict[str, type[ImportResource]] = {
    one.kind_of_file: one for one in (PeopleResource, EventsResource)
}


def resource_of(service: Service, kind_of_file: str, *, now: datetime) -> ImportResource:
    """The resource for one kind of file. Raises ``KeyError`` for a kind that there is not."""
    return RESOURCES[kind_of_file](service, now=now)


def _words(reasons: Sequence[Reason]) -> list[str]:
    return [sentence(reason.code, reason.column, reason.params) for reason in reasons]
