"""What a person is asked anew: the questions of the version that comes or is in force, in the words that are shown.

The words of a question are its evidence: their digest goes into every answer (X-ALL-10).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from compliance import policy_show
from compliance.models import PolicyVersion, Service
from compliance.rules.policy_values import Policy
from compliance.selectors import policy_in_force, policy_values
from members import choices, recipient_list, words
from members.models import Answer, DataSubject
from members.rules.choices import Choice
from members.rules.reconsent import Asked, longer, questions
from members.scope import Given, PendingScope, answers

State = PolicyVersion.State


@dataclass(frozen=True)
class Line:
    """One question as it is shown, with the answer that counts; ``answer`` is empty while there is none."""

    choice: Choice
    title: str
    items: Sequence[str]
    purposes: Sequence[str]
    recipient: str
    kept: str
    answer: str = ""

    @property
    def agreed(self) -> bool:
        """Whether the person said yes."""
        return self.answer == Answer.AGREED

    @property
    def declined(self) -> bool:
        """Whether the person said no, at once or later."""
        return self.answer in (Answer.DISAGREED, Answer.WITHDRAWN)

    @property
    def text_hash(self) -> str:
        """Return the SHA-256 of the words shown, as hex."""
        shown = (self.title, *self.items, *self.purposes, self.recipient, self.kept)
        return hashlib.sha256("\x1f".join((*shown, self.choice.clause)).encode()).hexdigest()


@dataclass(frozen=True)
class Sheet:
    """The questions of one person about one version: all of them, and those still without an answer."""

    version: PolicyVersion
    lines: Sequence[Line] = ()
    unanswered: frozenset[str] = frozenset()  # Keys of questions.
    put_off: bool = False

    @property
    def waiting(self) -> list[Line]:
        """Return the questions without an answer."""
        return [line for line in self.lines if line.choice.key in self.unanswered]

    @property
    def settled(self) -> list[Line]:
        """Return the questions with an answer, which can be changed."""
        return [line for line in self.lines if line.choice.key not in self.unanswered]

    @property
    def is_ahead(self) -> bool:
        """Whether the version is announced and not in force yet."""
        return self.version.state == State.ANNOUNCED


@dataclass
class Asking:
    """The questions of one version for many people; what versions say is read once."""

    version: PolicyVersion
    _scope: PendingScope = field(init=False)
    policy: Policy = field(init=False)

    def __post_init__(self) -> None:
        self.policy = policy_values(self.version)
        self._scope = PendingScope(self.policy)

    def asked(self, subject: DataSubject, given: Sequence[Given]) -> dict[str, tuple[Asked, bool]]:
        """Return the questions of a person by key, each with whether it waits for an answer."""
        base = self._scope.base(subject)
        if base.version >= self.policy.version:
            return {}
        kind = subject.kind
        every = questions(self.policy, kind, self._scope.refused(subject))
        left = questions(self.policy, kind, self._scope.unanswered(subject, given))
        waiting = {one.choice.key for one in left}
        found = {one.choice.key: (one, one.choice.key in waiting) for one in every}
        answered = {one.question[0]: one for one in given}
        for one in longer(base, self.policy, kind):
            found[one.choice.key] = (one, not self._is_settled(one, answered))
        return found

    def waits(self, subject: DataSubject, given: Sequence[Given]) -> bool:
        """Tell whether some question of the version has no answer of this person."""
        return any(waits for _, waits in self.asked(subject, given).values())

    def is_wholly_agreed(self, subject: DataSubject, given: Sequence[Given]) -> bool:
        """Tell whether a person agreed to every question of the version."""
        said = [one for one in given if one.agreed]
        return not self.waits(subject, said)

    def _is_settled(self, asked: Asked, answered: dict[str, Given]) -> bool:
        """Whether the longer period was answered about in the words of this version."""
        one = answered.get(asked.choice.purpose)
        return one is not None and one.version_id == self.version.pk


def version_asked(service: Service) -> PolicyVersion | None:
    """Return the version that people are asked about: the one announced, else the one in force."""
    announced = service.versions.filter(state=State.ANNOUNCED).select_related("service")
    return announced.order_by("effective_on").first() or policy_in_force(service)


def sheet(subject: DataSubject, *, version: PolicyVersion | None = None) -> Sheet | None:
    """Return the questions of a person, in the language that is active; None where nothing is asked.

    Three to six queries, whatever the number of questions.
    """
    version = version or version_asked(subject.service)
    if version is None or subject.agreed_version_id == version.pk:
        return None
    asking = Asking(version)
    given = answers([subject]).get(subject.pk, [])
    found = asking.asked(subject, given)
    if not found:
        return None
    said = {Choice(*(part or "" for part in one.question)).key: one.answer for one in given}
    lines = [
        line_of(asking.policy, one, "" if waits else said.get(key, ""))
        for key, (one, waits) in found.items()
    ]
    waiting = frozenset(key for key, (_, waits) in found.items() if waits)
    return Sheet(version, lines, waiting, subject.put_off_version_id == version.pk)


def is_due(subject: DataSubject) -> bool:
    """Tell whether a person is to be led to the questions: some wait, and were not put off."""
    found = sheet(subject)
    return found is not None and bool(found.unanswered) and not found.put_off


def line_of(policy: Policy, asked: Asked, answer: str = "") -> Line:
    """Say a question in the language that is active."""
    choice = asked.choice
    return Line(
        choice=choice,
        title=choices.title(policy, choice.purpose, choice.channel, choice.recipient),
        items=words.items(policy, choice.items),
        purposes=words.purposes(policy, [one for one in asked.purposes if one != choice.purpose]),
        recipient=choices.recipient_name(policy, choice.recipient),
        kept=_kept(policy, asked),
        answer=answer,
    )


def _kept(policy: Policy, asked: Asked) -> str:
    """How long: at a recipient (MIK-6.2), or by the rule that keeps longer; empty where the policy does not say."""
    if asked.rule:
        period = policy.retention_by_code[asked.rule].period
        return policy_show.period_words(str(period)) if period else ""
    row = policy.recipients_by_code.get(asked.choice.recipient)
    return recipient_list.kept(row) if row else ""
