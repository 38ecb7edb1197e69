"""Cookies and trackers: which kinds a person may refuse, what an answer allows, what nobody has declared.

Source: X-ALL-11 (what is strictly needed runs, everything else waits for a recorded answer, a refusal by the
browser is honoured on top), LEJ-CK-2 and MIK-15.3 (accept, be asked each time, refuse), X-LEJ-7, LMK-6.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from enum import StrEnum
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlsplit

from compliance.rules.policy_rows import Cookie
from compliance.rules.policy_values import Policy

THREE_ANSWERS: Final = "browser_allow_confirm_refuse"
LOADING: Final = {
    "script": "src", "iframe": "src", "img": "src", "embed": "src", "source": "src", "video": "src",
    "audio": "src", "object": "data", "link": "href",
}  # fmt: skip
LINKS_ONLY: Final = frozenset({"alternate", "canonical", "next", "prev", "author", "license"})


class Answer(StrEnum):
    """What a person says about one kind: allow it, be asked at each visit, refuse it."""

    YES = "yes"
    ASK = "ask"
    NO = "no"


def optional(policy: Policy, subject_kind: str) -> tuple[Cookie, ...]:
    """Return the kinds that wait for the answer of this kind of person, in the order of the policy.

    Example: MIKMIK asks a ``visitor`` about ``interest`` and about nothing else.
    """
    return tuple(
        row
        for row in policy.cookies
        if row.consent == "opt_in" and not row.strictly_needed and subject_kind in row.subjects
    )


def answers_offered(row: Cookie) -> tuple[Answer, ...]:
    """Return the answers that the policy promises for a kind; two at least, and refusing is always one."""
    if row.refusal == THREE_ANSWERS:
        return (Answer.YES, Answer.ASK, Answer.NO)
    return (Answer.YES, Answer.NO)


def allowed(
    standing: Answer | None, this_visit: Answer | None, *, refused_by_browser: bool
) -> bool:
    """Answer whether a kind may be set or loaded now.

    ``standing`` is the answer on the account, ``this_visit`` the one that ends with the browser; silence is a no,
    a standing no is not overruled, and the browser's own refusal goes before every yes.
    """
    if refused_by_browser or standing == Answer.NO:
        return False
    return Answer.YES in (standing, this_visit)


def is_open(
    standing: Answer | None, this_visit: Answer | None, *, refused_by_browser: bool
) -> bool:
    """Answer whether a person still has to be asked, before anything is set."""
    settled = standing in (Answer.YES, Answer.NO) or this_visit in (Answer.YES, Answer.NO)
    return not (refused_by_browser or settled)


def same_question(before: Cookie | None, now: Cookie) -> bool:
    """Answer whether an answer to an earlier version still fits: who, what for, how and how long are the same."""
    return before is not None and _question(before) == _question(now)


def question_digest(row: Cookie) -> str:
    """Return twelve hex digits that change whenever the question changes."""
    return hashlib.sha256(repr(_question(row)).encode()).hexdigest()[:12]


def _question(row: Cookie) -> tuple[object, ...]:
    return (
        row.code, row.name, row.provider, row.kind, row.technology, tuple(sorted(row.purposes)),
        row.lifetime, row.recipient,
    )  # fmt: skip


def undeclared(seen: Iterable[str], declared: Iterable[str]) -> tuple[str, ...]:
    """Return the names of cookies that were set and that nobody has declared, sorted (LEJ-CK-1, MIK-15.1)."""
    return tuple(sorted(set(seen) - set(declared)))


def foreign_loads(html: str, own_hosts: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Return the hosts that a page would load something from, sorted; plain links load nothing (LMK-6, ENG-3.8)."""
    reader = _Loads()
    reader.feed(html)
    return tuple(sorted(reader.hosts - own_hosts))


class _Loads(HTMLParser):
    """Collects the hosts of scripts, frames, pictures, styles and other parts of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.hosts: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the host of one element."""
        values = {name: value or "" for name, value in attrs}
        if tag == "link" and LINKS_ONLY.intersection(values.get("rel", "").lower().split()):
            return
        host = _host(values.get(LOADING.get(tag, ""), ""))
        if host:
            self.hosts.add(host)


def _host(address: str) -> str:
    return urlsplit(address.strip()).hostname or "" if "//" in address else ""


def encode(answers: Mapping[str, Answer], rows: Iterable[Cookie]) -> str:
    """Write the answers of a visit as the value of a cookie: per kind its question and the answer, nothing else.

    Example: ``interest:0123456789ab:no``.
    """
    return "|".join(
        f"{row.code}:{question_digest(row)}:{answers[row.code]}"
        for row in rows
        if row.code in answers
    )


def decode(value: str, rows: Iterable[Cookie]) -> dict[str, Answer]:
    """Read the answers back; what is damaged, unknown or was answered to another question is left out."""
    known = {(row.code, question_digest(row)) for row in rows}
    read = (part.split(":") for part in value.split("|"))
    return {
        part[0]: Answer(part[2])
        for part in read
        if len(part) == 3 and (part[0], part[1]) in known and part[2] in set(Answer)
    }
