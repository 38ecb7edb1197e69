"""Where somebody goes whom an answer does not satisfy: the public bodies under the laws that a policy names."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "presets" / "authorities.toml"


@dataclass(frozen=True, slots=True)
class Authority:
    """A public body that takes complaints: its own name, and how it is reached."""

    name: str
    reach: str


def of(law_regimes: Iterable[str]) -> tuple[Authority, ...]:
    """Return the bodies under some laws, in their order. Example: ``of(["LAW-KR"])`` has two."""
    return tuple(one for regime in law_regimes for one in _all().get(regime, ()))


@cache
def _all() -> dict[str, tuple[Authority, ...]]:
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {regime: tuple(Authority(**row) for row in found) for regime, found in rows.items()}
