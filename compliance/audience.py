"""Registry: how many people a notice concerns, and how far its messages are.

This app knows no person; an outer app registers its counts in ``AppConfig.ready()``:

    audience.register(reachable_people)
    audience.register_progress(progress_of_notices)
    audience.register_answers(answers_to_questions, people_bound)
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from compliance.models import PolicyVersion, Service


@dataclass(frozen=True)
class Progress:
    """Messages of one notice by what became of them; ``failed`` counts our own failures."""

    sent: int = 0
    failed: int = 0
    unreachable: int = 0
    left: int = 0

    @property
    def all(self) -> int:
        """Return how many people the notice has a message for."""
        return self.sent + self.failed + self.unreachable + self.left

    @property
    def told(self) -> int:
        """Return how many count as told: unreachable people are told by the public notice."""
        return self.sent + self.unreachable


@dataclass(frozen=True)
class Answers:
    """How many people said what to one question of a version."""

    question: str
    agreed: int
    disagreed: int
    silent: int


AnswersOf = Callable[["PolicyVersion"], Sequence[Answers]]
BoundBy = Callable[["PolicyVersion"], int]
Count = Callable[["Service"], int]
ProgressOf = Callable[[Sequence[int]], Mapping[int, Progress]]
_counts: list[Count] = []
_progress: list[ProgressOf] = []
_answers: list[tuple[AnswersOf, BoundBy]] = []


def register(count: Count) -> None:
    """Take over the count of people of a service whom a notice reaches; the last one counts."""
    _counts[:] = [count]


def register_progress(progress_of: ProgressOf) -> None:
    """Take over the progress by notice id, in one query for many; the last one counts."""
    _progress[:] = [progress_of]


def register_answers(answers_of: AnswersOf, bound_by: BoundBy) -> None:
    """Take over the counts of answers to the questions of a version, and of people it binds; the last one counts."""
    _answers[:] = [(answers_of, bound_by)]


def answers(version: "PolicyVersion") -> list[Answers]:
    """Return the counts of answers, by question of a version."""
    return [one for answers_of, _ in _answers for one in answers_of(version)]


def bound_by(version: "PolicyVersion") -> int:
    """Return how many people agreed to a version as a whole."""
    return sum(count(version) for _, count in _answers)


def people(service: "Service") -> int:
    """Return how many people of a service a notice is mailed to today."""
    return sum(count(service) for count in _counts)


def progress(notice_ids: Sequence[int]) -> dict[int, Progress]:
    """Return the progress of some notices; a notice without messages has an empty one."""
    found = {pk: Progress() for pk in notice_ids}
    for progress_of in _progress:
        found |= progress_of(notice_ids) if notice_ids else {}
    return found
