"""Checks of a policy file that need more than one row: codes, clauses, obligations."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from compliance.rules.policy_fields import CheckedRow, Fault, shown
from compliance.rules.policy_spec import PARAM_TABLES, SCHEMA

Found = Iterator[tuple[CheckedRow, str, Fault]]
_PARTS_OF_A_CLAUSE = (".", " ", "(")


@dataclass(frozen=True)
class Read:
    """The rows of one file whose fields were checked, and the tables that could not be read."""

    rows: Mapping[str, list[CheckedRow]]
    single: Mapping[str, CheckedRow]
    unread: frozenset[str]
    _codes: dict[str, frozenset[str]] = field(default_factory=dict)

    def codes(self, table: str) -> frozenset[str]:
        """Return the sound codes of a table (of clauses: their numbers)."""
        if table not in self._codes:
            name = "clause" if table == "clauses" else "code"
            found = frozenset(row.get(name) for row in self.rows[table]) - {None}
            self._codes[table] = found
        return self._codes[table]

    @cached_property
    def everything(self) -> list[CheckedRow]:
        """Every row of the file, single tables included."""
        return [*self.single.values(), *(row for rows in self.rows.values() for row in rows)]

    def sure(self, table: str, *names: str) -> bool:
        """Tell whether a table was read whole and the named fields of all its rows are sound."""
        return table not in self.unread and all(row.sure(*names) for row in self.rows[table])


def faults(policy: Read) -> Found:
    """Yield duplicates, unknown codes and clauses, and obligations that belong nowhere."""
    yield from _duplicates(policy)
    yield from _unknown_codes(policy)
    yield from _clauses(policy)
    yield from _obligations(policy)
    yield from _params(policy)


def _duplicates(policy: Read) -> Found:
    for table, rows in policy.rows.items():
        name = "id" if table == "clauses" else "code"
        seen: set[str] = set()
        for row in rows:
            code = row.get(name)
            if code in seen:
                yield row, name, Fault("duplicate_code", {"value": code})
            if code is not None:
                seen.add(code)


def _citations(policy: Read) -> Iterator[tuple[str, CheckedRow, str, str]]:
    """Yield ``(table cited, row, field, code)`` for every reference but clauses."""
    for row in policy.everything:
        for name, wanted in SCHEMA[row.table].items():
            if not wanted.ref or wanted.ref == "clauses":
                continue
            value = row.get(name)
            for code in value if isinstance(value, list) else [value] if value else []:
                yield wanted.ref, row, name, code


def _unknown_codes(policy: Read) -> Found:
    citations = [c for c in _citations(policy) if c[3] not in policy.codes(c[0])]
    explained = _explained(policy, Counter((table, code) for table, _, _, code in citations))
    for table, row, name, code in citations:
        if table not in policy.unread and (table, code) not in explained:
            yield row, name, Fault("unknown_code", {"value": shown(code), "table": table})


def _explained(policy: Read, missing: Counter[tuple[str, str]]) -> set[tuple[str, str]]:
    """Missing codes that a row with an unreadable or repeated code accounts for.

    One fault gives one message: such a row stands for one code, the one that is cited most.
    """
    explained: set[tuple[str, str]] = set()
    for table in {table for table, _ in missing}:
        rows = policy.rows[table]
        lost = len(rows) - len(policy.codes(table))
        often = [key for key, count in missing.most_common() if key[0] == table and count > 1]
        explained.update(often[:lost])
    return explained


def clause_known(number: str, clauses: frozenset[str]) -> bool:
    """Tell whether a clause number is a clause of the file, a part of one or a parent of one.

    Example: with a clause ``5.2`` the numbers ``5``, ``5.2`` and ``5.2.1`` are known, ``5.21`` not.
    """
    if not number or number in clauses:
        return True
    return any(
        clause.startswith(number + mark) or number.startswith(clause + mark)
        for clause in clauses
        for mark in _PARTS_OF_A_CLAUSE
    )


def _clauses(policy: Read) -> Found:
    clauses = policy.codes("clauses")
    trusted = policy.sure("clauses", "clause")
    for row in policy.everything:
        if row.table == "clauses" or "clause" not in SCHEMA[row.table]:
            continue
        number = row.get("clause")
        if row.get("stated") and _clause_left_out(row):
            yield row, "clause", Fault("stated_without_clause")
        if trusted and number and not clause_known(number, clauses):
            yield row, "clause", Fault("unknown_clause", {"value": shown(number)})
    if trusted:
        yield from _subject_clauses(policy, clauses)


def _clause_left_out(row: CheckedRow) -> bool:
    if "clause" not in row.present:
        return not SCHEMA[row.table]["clause"].required
    return bool(row.get("clause") == "")


def _subject_clauses(policy: Read, clauses: frozenset[str]) -> Found:
    for row in policy.rows["items"]:
        for number, entry in enumerate(row.members("subjects"), start=1):
            clause = entry.get("clause", "")
            if not clause_known(clause, clauses):
                part = f"subjects[{number}].clause"
                yield row, part, Fault("unknown_clause", {"value": shown(clause)})


def _obligations(policy: Read) -> Found:
    prefix = policy.single["service"].get("obligation_prefix")
    under_clauses = {code for row in policy.rows["clauses"] for code in row.members("obligations")}
    trusted = policy.sure("clauses", "obligations")
    for row in policy.everything:
        name = "obligation" if row.table == "promises" else "obligations"
        for code in _obligations_of(row):
            if prefix and not code.startswith(prefix + "-"):
                yield row, name, Fault("other_service", {"value": code, "prefix": prefix})
            elif trusted and code not in under_clauses:
                yield row, name, Fault("under_no_clause", {"value": code})


def _obligations_of(row: CheckedRow) -> list[str]:
    one = row.get("obligation")
    return [one] if one else row.members("obligations")


def _params(policy: Read) -> Found:
    for row in policy.rows["promises"]:
        for key, value in (row.get("params") or {}).items():
            for cited in value if isinstance(value, list) else [value]:
                fault = _param_fault(policy, key, cited)
                if fault:
                    yield row, f"params.{key}", fault


def _param_fault(policy: Read, key: str, cited: Any) -> Fault | None:
    table = PARAM_TABLES.get(key)
    if table is None or table in policy.unread:
        return None
    if table == "clauses" and clause_known(str(cited), policy.codes(table)):
        return None
    if cited in policy.codes(table):
        return None
    return Fault("unknown_code", {"value": shown(cited), "table": table})
