"""What a version of a policy changes against an earlier one: its rows in words, and its text side by side."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import QuerySet

from compliance import diff_words, policy_markdown
from compliance.models import PolicyVersion, Service
from compliance.rules import policy_diff, text_diff
from compliance.rules.policy_values import Policy
from compliance.rules.text_diff import Section
from compliance.selectors import policy_values

State = PolicyVersion.State
PUBLIC = (State.ANNOUNCED, State.IN_EFFECT, State.SUPERSEDED)
WAS_IN_EFFECT = (State.IN_EFFECT, State.SUPERSEDED)
MOST_REMEMBERED = 64  # Published texts never change; each pair is compared once per process.


@dataclass(frozen=True)
class Comparison:
    """The texts of two versions in a language that both have; no sections where there is none."""

    language: str = ""
    sections: tuple[Section, ...] = ()

    @property
    def differing(self) -> list[Section]:
        """Return the clauses that are not the same on both sides."""
        return [section for section in self.sections if section.kind != text_diff.SAME]

    @property
    def unchanged(self) -> list[Section]:
        """Return the named clauses that are the same on both sides."""
        return [one for one in self.sections if one.kind == text_diff.SAME and one.heading]


def published(service: Service) -> QuerySet[PolicyVersion]:
    """Return the versions that were ever shown to people, the newest first."""
    return service.versions.filter(state__in=PUBLIC).order_by("-effective_on", "-number")


def earlier(version: PolicyVersion) -> list[PolicyVersion]:
    """Return the versions that were in force before this one, the newest first; one query."""
    was_in_effect = version.service.versions.filter(state__in=WAS_IN_EFFECT)
    return list(was_in_effect.filter(number__lt=version.number).order_by("-number"))


def lines(before: PolicyVersion, after: PolicyVersion) -> list[diff_words.Line]:
    """Return what changes in the rows, in plain words, important changes first."""
    old, new = policy_values(before), policy_values(after)
    return diff_words.lines(policy_diff.diff(old, new), old, new)


def against_the_one_before(version: PolicyVersion) -> list[diff_words.Line]:
    """Return what a version changes against the one before it; nothing for a first version."""
    found = earlier(version)
    return lines(found[0], version) if found else []


def compare(before: PolicyVersion, after: PolicyVersion, language: str) -> Comparison:
    """Put the texts of two versions side by side: in the reader's language, else in one that the policy is written in.

    A version without any text is compared by its clauses, as its rows tell them.
    """
    old, new = _texts(before), _texts(after)
    wanted = (language, *after.policy_languages, *new)
    shared = next((one for one in wanted if one in old and one in new), "")
    return Comparison(shared, _compared(old[shared], new[shared])) if shared else Comparison()


@lru_cache(MOST_REMEMBERED)
def _compared(old: str, new: str) -> tuple[Section, ...]:
    return text_diff.compare(old, new)


def _texts(version: PolicyVersion) -> Mapping[str, str]:
    ready = version.texts.filter(ready=True).order_by("position", "pk")
    bodies = dict(ready.values_list("language", "body"))
    return bodies or {policy_markdown.LANGUAGE: _clauses(policy_values(version))}


def _clauses(policy: Policy) -> str:
    return "\n\n".join(f"## {row.clause} {row.title}\n\n{row.text}" for row in policy.clauses)
