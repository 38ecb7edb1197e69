"""The promises of the preset policies, and the readings chosen where a policy leaves room."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "presets" / "obligations.toml"


@dataclass(frozen=True, slots=True)
class Obligation:
    """One promise: who made it where, whom it concerns, and what it says in one line.

    ``mode`` is enforce, execute, record or evidence; ``affects`` lists kinds of people.
    """

    code: str
    service: str
    clause: str
    title: str
    area: str
    mode: str
    affects: tuple[str, ...]
    promise: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A point where a policy is silent or unclear, and what was chosen."""

    code: str
    title: str
    chosen: str


def all_codes(service: str = "") -> tuple[str, ...]:
    """Return the codes of all promises, or of one service's, in the order of the policies."""
    return tuple(code for code, row in _obligations().items() if service in ("", row.service))


def get(code: str) -> Obligation | None:
    """Return the promise with this code; ``None`` for a policy that brings its own promises."""
    return _obligations().get(code)


def reading(code: str) -> Reading | None:
    """Return the reading with this code, ``None`` when it is not one of ours."""
    return _readings().get(code)


@cache
def _obligations() -> dict[str, Obligation]:
    rows = _file()["obligations"]
    return {row["code"]: Obligation(**{**row, "affects": tuple(row["affects"])}) for row in rows}


@cache
def _readings() -> dict[str, Reading]:
    return {row["code"]: Reading(**row) for row in _file()["readings"]}


@cache
def _file() -> dict[str, list[dict]]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))
