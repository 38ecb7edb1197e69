"""Checks a whole policy file against its schema and names every problem at once.

Example: ``validate(tomllib.loads(text), file="sixth.toml")`` gives an empty list for a sound file.
"""

from collections.abc import Mapping
from typing import Any

from compliance.rules import policy_references, policy_sense
from compliance.rules.policy_fields import CheckedRow, Fault, Problem, check_row, shown, type_name
from compliance.rules.policy_spec import (
    MAY_BE_ABSENT,
    MAY_BE_WITHOUT_OBLIGATION,
    MOST_ROWS,
    SCHEMA,
    SCHEMA_VERSION,
    TABLES,
)

__all__ = ["SCHEMA", "Problem", "validate"]

SINGLE_TABLES = ("service", "never_collect")


def validate(data: Any, *, file: str) -> list[Problem]:
    """Return all problems of a parsed policy file, each with file, table, row and field.

    ``data`` is what `tomllib` read; any value of any type is answered with a problem. Item and
    purpose codes are free, enumerations closed, obligation codes carry the service's prefix.
    """
    if not isinstance(data, Mapping):
        return [Problem(file, "", "", "", "wrong_type", _types("table", data))]
    report = _Report(file)
    report.check_top(data)
    for name in SINGLE_TABLES:
        report.check_single(name, data)
    for name in TABLES:
        report.check_table(name, data)
    report.check_between()
    return report.problems


def _types(expected: str, found: Any) -> dict[str, str]:
    return {"expected": expected, "found": type_name(found)}


class _Report:
    """Collects problems and the sound rows while one file is read."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.rows: dict[str, list[CheckedRow]] = {name: [] for name in TABLES}
        self.unread: set[str] = set()
        self.single = {name: CheckedRow(name, "") for name in SINGLE_TABLES}

    def add(self, table: str, row: str, field: str, fault: Fault) -> None:
        problem = Problem(self.file, table, row, field, fault.code, dict(fault.params))
        self.problems.append(problem)

    def check_top(self, data: Mapping[str, Any]) -> None:
        known = {"schema", *SINGLE_TABLES, *TABLES}
        for key in data:
            if key not in known:
                self.add(shown(key), "", "", Fault("unknown_table"))
        version = data.get("schema")
        if type(version) is not int or version != SCHEMA_VERSION:
            found = {"expected": str(SCHEMA_VERSION), "value": shown(version)}
            self.add("", "", "schema", Fault("unknown_schema", found))

    def check_single(self, name: str, data: Mapping[str, Any]) -> None:
        table = data.get(name)
        if table is None:
            self.add(name, "", "", Fault("table_missing"))
        elif not isinstance(table, Mapping):
            self.add(name, "", "", Fault("wrong_type", _types("table", table)))
        else:
            self.single[name] = self._check_row(name, "", table)

    def check_table(self, name: str, data: Mapping[str, Any]) -> None:
        rows = data.get(name)
        fault = _table_fault(name, rows)
        if fault:
            self.unread.add(name)
            self.add(name, "", "", fault)
            return
        for number, row in enumerate(rows or (), start=1):
            if isinstance(row, Mapping):
                self.rows[name].append(self._check_row(name, _row_name(name, row, number), row))
            else:
                self.unread.add(name)
                self.add(name, str(number), "", Fault("wrong_type", _types("table", row)))

    def _check_row(self, table: str, name: str, row: Mapping[str, Any]) -> CheckedRow:
        checked, found = check_row(table, name, row)
        for field, fault in found:
            self.add(table, name, field, fault)
        bare = table in MAY_BE_WITHOUT_OBLIGATION or "obligations" in checked.unsound
        if checked.get("obligations") == [] and not bare:
            self.add(table, name, "obligations", Fault("no_obligation"))
        return checked

    def check_between(self) -> None:
        policy = policy_references.Read(self.rows, self.single, frozenset(self.unread))
        for module in (policy_references, policy_sense):
            for row, field, fault in module.faults(policy):
                self.add(row.table, row.name, field, fault)


def _table_fault(name: str, rows: Any) -> Fault | None:
    if rows is None:
        return None if name in MAY_BE_ABSENT else Fault("table_missing")
    if not isinstance(rows, list):
        return Fault("wrong_type", _types("list of tables", rows))
    if not rows and name not in MAY_BE_ABSENT:
        return Fault("table_missing")
    return Fault("too_many", {"limit": str(MOST_ROWS)}) if len(rows) > MOST_ROWS else None


def _row_name(table: str, row: Mapping[str, Any], number: int) -> str:
    code = row.get("id" if table == "clauses" else "code")
    return shown(code) if isinstance(code, str) and code.strip() else str(number)
