"""Reading policy files from disk; whatever is wrong with one becomes a problem."""

import re
import tomllib
from pathlib import Path
from typing import Any

from compliance.rules.policy_schema import Problem

PRESETS = Path(__file__).parent / "presets"
PRESET_NAMES = ("letsmasak", "leje", "krainpop", "engoo", "mikmik")
LARGEST_FILE = 5_000_000
# The parser takes the square of a dotted key's length; no table of ours is more than a few levels deep.
SPOKEN = re.compile(
    r'''"""(?:\\.|"{1,2}(?!")|[^"\\])*+(?:""")?|"(?:\\.|[^"\\\n])*+"?|#[^\n]*+'''
    r"""|'{3}(?:'{1,2}(?!')|[^'])*+(?:'{3})?|'[^'\n]*+'?""",
    re.DOTALL,
)
ENDLESS_KEY = re.compile(r"(?<![\w-])(?:[\w-]++[ \t]*+\.[ \t]*+){64}")


def preset_file(name: str) -> Path:
    """Return the file of a policy that ships with the software."""
    return PRESETS / f"{name}.toml"


def read(file: Path) -> tuple[dict[str, Any], list[Problem]]:
    """Return the data of a policy file and the problems that keep it from being read."""
    try:
        if file.stat().st_size > LARGEST_FILE:
            return {}, [_problem(file, "unreadable_file", f"> {LARGEST_FILE} bytes")]
        return _loads(file.read_text(encoding="utf-8")), []
    except OSError as error:
        return {}, [_problem(file, "unreadable_file", error.strerror or type(error).__name__)]
    except (
        ValueError,
        RecursionError,
    ) as error:  # UnicodeDecodeError, TOMLDecodeError, huge numbers
        return {}, [_problem(file, "not_toml", str(error)[:200])]


def parse(content: bytes, name: str) -> tuple[dict[str, Any], list[Problem]]:
    """Return the data of a policy file that was handed in, and the problem that keeps it from being read."""
    try:
        return _loads(content.decode("utf-8")), []
    except (ValueError, RecursionError) as error:
        return {}, [Problem(name, "", "", "", "not_toml", {"reason": str(error)[:200]})]


def _loads(text: str) -> dict[str, Any]:
    if ENDLESS_KEY.search(SPOKEN.sub("s", text)):
        raise ValueError("a dotted key of more than 64 parts")
    return tomllib.loads(text)


def _problem(file: Path, code: str, reason: str) -> Problem:
    return Problem(file.name, "", "", "", code, {"reason": reason})
