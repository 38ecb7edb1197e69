"""Problems of a draft in words, each with the way to the row it is about."""

from __future__ import annotations

from dataclasses import dataclass

from compliance import policy_show, policy_words, selectors
from compliance.admin import policy_pages as pages
from compliance.models import PolicyVersion
from compliance.models.policy_tables import TABLE_MODELS
from compliance.rules.policy_schema import Problem

SINGLE = ("service", "never_collect")


@dataclass(frozen=True)
class ProblemLine:
    """One problem ready to print; ``url`` leads to the row and is empty for a file."""

    table: str
    row: str
    field: str
    sentence: str
    url: str = ""


def problem_lines(version: PolicyVersion) -> list[ProblemLine]:
    """Return every problem of a draft with a link to its row."""
    keys: dict[str, dict[str, int]] = {}
    lines = []
    for problem in selectors.problems_of(version):
        if problem.table in TABLE_MODELS and problem.table not in keys:
            keys[problem.table] = _keys(version, problem.table)
        lines.append(_line(problem, _url(version, problem, keys.get(problem.table, {}))))
    return lines


def file_lines(problems: list[Problem]) -> list[ProblemLine]:
    """Return the problems of a file."""
    return [_line(problem, "") for problem in problems]


def _line(problem: Problem, url: str) -> ProblemLine:
    field = problem.field.partition("[")[0].partition(".")[0]
    words = (
        policy_show.label(problem.table, field)
        if problem.table in (*TABLE_MODELS, *SINGLE)
        else field
    )
    return ProblemLine(
        table=policy_show.table_words(problem.table),
        row=problem.row,
        field=words if field else "",
        sentence=policy_words.sentence(problem),
        url=url,
    )


def _url(version: PolicyVersion, problem: Problem, keys: dict[str, int]) -> str:
    if problem.table in SINGLE:
        return pages.url("facts", version.pk, problem.table)
    if problem.row in keys:
        return pages.url("row", version.pk, problem.table, keys[problem.row])
    if problem.table in TABLE_MODELS:
        return f"{pages.url('change', version.pk)}?tab=says&open={problem.table}#{problem.table}"
    return ""


def _keys(version: PolicyVersion, table: str) -> dict[str, int]:
    """Return primary keys by what a problem calls its row: a code or id, else the number from 1."""
    rows = list(TABLE_MODELS[table].objects.filter(version=version).order_by("position", "pk"))
    name = "ident" if table == "clauses" else "code"
    keys = {str(number): row.pk for number, row in enumerate(rows, start=1)}
    return keys | {getattr(row, name): row.pk for row in rows if getattr(row, name, "")}
