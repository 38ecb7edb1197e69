"""A policy version as the data of a policy file, and back: rows and file say the same."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Model

from compliance.models import PolicyItemSubject, PolicyVersion
from compliance.models.policy_tables import (
    RENAMED,
    SERVICE_OWN,
    SERVICE_RENAMED,
    TABLE_MODELS,
)
from compliance.rules.policy_spec import (
    ITEM_SUBJECT,
    NEVER_COLLECT,
    SCHEMA_VERSION,
    SERVICE,
    TABLES,
    Field,
)

NEVER_COLLECT_PREFIX = "never_collect_"


def data_of(version: PolicyVersion) -> dict[str, Any]:
    """Return what the rows of a version say in the shape of a policy file; one query per table."""
    data: dict[str, Any] = {"schema": SCHEMA_VERSION, "service": _service_data(version)}
    data["never_collect"] = {
        name: getattr(version, NEVER_COLLECT_PREFIX + name) for name in NEVER_COLLECT
    }
    for table in TABLES:
        data[table] = _table_data(version, table)
    return data


def write_rows(version: PolicyVersion, data: Mapping[str, Any]) -> int:
    """Write the rows of a checked policy file under a draft and return their number; bulk inserts only."""
    written = 0
    for table, model in TABLE_MODELS.items():
        rows = [
            model(version=version, position=number, **_columns(table, row))
            for number, row in enumerate(data.get(table, ()), start=1)
        ]
        written += len(model.objects.bulk_create(rows))
        if table == "items":
            _write_subjects(version, data["items"], rows)
    return written


def version_columns(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of `PolicyVersion` that the single tables of a policy file fill."""
    service = {name: value for name, value in data["service"].items() if name not in SERVICE_OWN}
    columns = {SERVICE_RENAMED.get(name, name): value for name, value in service.items()}
    never = {NEVER_COLLECT_PREFIX + name: value for name, value in data["never_collect"].items()}
    return columns | never


def _service_data(version: PolicyVersion) -> dict[str, Any]:
    service = {name: getattr(version.service, name) for name in SERVICE_OWN}
    for name, wanted in SERVICE.items():
        if name in SERVICE_OWN:
            continue
        value = getattr(version, SERVICE_RENAMED.get(name, name))
        if _is_said(wanted, value):
            service[name] = value
    return service


def _table_data(version: PolicyVersion, table: str) -> list[dict[str, Any]]:
    rows = TABLE_MODELS[table].objects.filter(version=version).order_by("position", "pk")
    if table == "items":
        rows = rows.prefetch_related("subjects")
    return [_row_data(table, row) for row in rows]


def _row_data(table: str, row: Model) -> dict[str, Any]:
    data = {}
    for name, wanted in TABLES[table].items():
        if wanted.kind == "subjects":
            data[name] = [_fields(ITEM_SUBJECT, entry) for entry in row.subjects.all()]
            continue
        value = getattr(row, RENAMED.get((table, name), name))
        if _is_said(wanted, value):
            data[name] = value
    return data


def _fields(spec: Mapping[str, Field], row: Model) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in spec}
    return {name: value for name, value in values.items() if _is_said(spec[name], value)}


def _is_said(wanted: Field, value: Any) -> bool:
    return wanted.required or value not in (None, "", {})


def _columns(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: value for name, value in row.items() if name != "subjects" or table != "items"}
    return {RENAMED.get((table, name), name): value for name, value in told.items()}


def _write_subjects(version: PolicyVersion, items: Any, rows: list[Any]) -> None:
    entries = [
        (row, entry) for row, item in zip(rows, items, strict=True) for entry in item["subjects"]
    ]
    PolicyItemSubject.objects.bulk_create(
        PolicyItemSubject(version=version, position=number, item=row, **entry)
        for number, (row, entry) in enumerate(entries, start=1)
    )
