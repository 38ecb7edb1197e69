"""Two texts of a policy side by side: clause by clause, and within a clause word by word.

Source: KRN-9 and MIK-20a (people are told what changes before it does), MIK-0.1 (any version stays readable).
Texts are Markdown as officers write it; what is compared is what a reader sees of it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

SAME, ADDED, REMOVED, CHANGED = "same", "added", "removed", "changed"
MOST_WORDS = (
    2_000  # Comparing grows with the square; longer clauses are compared by paragraphs only.
)
HEADING = re.compile(r"^#{2,6}\s+(.*?)\s*#*$")
NUMBER = re.compile(r"^[§(]?\d+(?:[.\-]\d+)*[.)]?(?=\s|$)")
MARKS = (
    (re.compile(r"</?[a-zA-Z][^<>]*>"), ""),
    (re.compile(r"\[([^\]]*)\]\(([^)\s]*)\)"), r"\1 (\2)"),
    (re.compile(r"(\*\*|__|`)(.+?)\1"), r"\2"),
    (re.compile(r"(?<!\w)([*_])(?=\S)(.+?)(?<=\S)\1(?!\w)"), r"\2"),
    (re.compile(r"^(\s*)[*+-]\s+"), r"\1• "),
)


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of one side; ``kind`` is `same`, `added` or `removed`. Line breaks are kept."""

    text: str
    kind: str = SAME


@dataclass(frozen=True, slots=True)
class Section:
    """One clause on both sides; ``kind`` is `same`, `added`, `removed` or `changed`.

    ``before`` is empty for an added clause, ``after`` for a removed one; ``heading`` is the newer of the two.
    """

    heading: str
    kind: str
    before: tuple[Piece, ...] = ()
    after: tuple[Piece, ...] = ()
    heading_before: str = ""


@dataclass(frozen=True, slots=True)
class _Clause:
    heading: str
    body: str


def compare(old: str, new: str) -> tuple[Section, ...]:
    """Return every clause of two Markdown texts in the order of the new one; removed ones stand where they stood.

    Clauses are the same if their numbers are, without numbers if their headings are.
    Example: ``compare("## 1 Why\\nFor orders", "## 1 Why\\nFor all orders")`` is one changed section whose
    ``after`` has the pieces `For`, added `all`, `orders`.
    """
    was, now = _clauses(old), _clauses(new)
    before, after = dict(was), dict(now)
    return tuple(_section(key, before, after) for key in _merged(list(before), list(after)))


def _clauses(text: str) -> list[tuple[str, _Clause]]:
    """Clauses by a key that is theirs alone; a repeated number or heading counts on."""
    found: list[tuple[str, _Clause]] = []
    seen: dict[str, int] = {}
    for heading, body in _split(text):
        number = NUMBER.match(heading)
        name = number.group().strip("§().") if number else heading.casefold()
        seen[name] = seen.get(name, 0) + 1
        found.append((f"{name}#{seen[name]}", _Clause(heading, body)))
    return found


def _split(text: str) -> Iterator[tuple[str, str]]:
    heading, lines = "", list[str]()
    for line in text.splitlines():
        begins = HEADING.match(line)
        if begins:
            if heading or any(lines):
                yield heading, "\n".join(lines).strip()
            heading, lines = _plain(begins.group(1)), []
        elif not line.startswith("# "):
            lines.append(_plain(line.rstrip()))
    if heading or any(lines):
        yield heading, "\n".join(lines).strip()


def _plain(line: str) -> str:
    for pattern, replacement in MARKS:
        line = pattern.sub(replacement, line)
    return line


def _merged(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """Keys of both sides, each once, in the order of the new text."""
    kept, place = set(after), 0
    merged = list[str]()
    for key in after:
        if key in before:
            at = before.index(key)
            merged += [one for one in before[place:at] if one not in kept]
            place = max(place, at)
        merged.append(key)
    return merged + [one for one in before[place:] if one not in kept and one not in merged]


def _section(key: str, before: Mapping[str, _Clause], after: Mapping[str, _Clause]) -> Section:
    if key not in before:
        new = after[key]
        return Section(new.heading, ADDED, after=(Piece(new.body, ADDED),))
    old = before[key]
    if key not in after:
        return Section(old.heading, REMOVED, before=(Piece(old.body, REMOVED),))
    new = after[key]
    if old == new:
        return Section(new.heading, SAME, (Piece(old.body),), (Piece(new.body),))
    left, right = _pieces(old.body, new.body)
    renamed = old.heading if old.heading != new.heading else ""
    return Section(new.heading, CHANGED, left, right, renamed)


def _pieces(before: str, after: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    old, new = _words(before), _words(after)
    if len(old) + len(new) > MOST_WORDS:
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    left, right = list[Piece](), list[Piece]()
    for step, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        kinds = (SAME, SAME) if step == "equal" else (REMOVED, ADDED)
        left += [Piece("".join(old[a:b]), kinds[0])] if b > a else []
        right += [Piece("".join(new[c:d]), kinds[1])] if d > c else []
    return tuple(left), tuple(right)


def _words(text: str) -> list[str]:
    """Words with the space that follows them, so that nothing of a text is lost."""
    return re.findall(r"\S+\s*|^\s+", text)
