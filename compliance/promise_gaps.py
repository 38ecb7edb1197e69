"""Promises of the presets that cannot be kept whole yet, with the part that is missing."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "presets" / "not_built.toml"


@cache
def gaps() -> Mapping[str, str]:
    """Return ``{promise code: reason code}``; policies of other companies have none here."""
    listed = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {code: reason for reason, codes in listed.items() for code in codes}
