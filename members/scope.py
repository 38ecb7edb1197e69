"""What of a version of the policy each person has not agreed to yet, read for one or for many (KRN-4.3, X-KRN-3)."""

from collections.abc import Iterable
from dataclasses import dataclass

from compliance.models import PolicyVersion
from compliance.rules import scope
from compliance.rules.calendar import local_day
from compliance.rules.gate_values import Consent
from compliance.rules.policy_values import Policy
from compliance.rules.scope import Pending
from compliance.selectors import policy_values
from members.binding import Binding
from members.models import Answer, ConsentState, DataSubject

NOTHING = Pending()


@dataclass(frozen=True)
class Given:
    """One answer that counts now: the question, what was said, and the key of the version shown."""

    question: Consent
    answer: str
    version_id: int

    @property
    def agreed(self) -> bool:
        """Whether it is a yes."""
        return self.answer == Answer.AGREED


class PendingScope:
    """What `policy` adds to what people are bound to; versions are read once each, whoever is asked about."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._binding = Binding(policy)
        self._versions: dict[int, Policy | None] = {}
        self._found: dict[tuple[object, ...], Pending] = {}

    def refused(self, subject: DataSubject, given: Iterable[Given] = ()) -> Pending:
        """Return what the gate refuses: new, and not agreed to."""
        return self._pending(subject, [one for one in given if one.agreed])

    def unanswered(self, subject: DataSubject, given: Iterable[Given] = ()) -> Pending:
        """Return what nobody has answered yet, neither with yes nor with no."""
        return self._pending(subject, list(given))

    def base(self, subject: DataSubject) -> Policy:
        """Return the version that binds a person: agreed to, else the one in force when they came (X-KRN-3)."""
        if subject.agreed_version_id is not None:
            return self._version(subject.agreed_version_id) or self.policy
        joined_on = local_day(subject.joined_at, self.policy.timezone)
        announced = self._binding.announced(joined_on)
        return policy_values(announced) if announced else self.policy

    def _pending(self, subject: DataSubject, given: list[Given]) -> Pending:
        base = self.base(subject)
        if base.version == self.policy.version:
            return NOTHING
        key: tuple[object, ...] = (base.version, subject.kind)
        raw = self._once(key, base, subject.kind, [])
        if not (raw and given):
            return raw
        since = frozenset((one.question, one.version_id, one.agreed) for one in given)
        return self._once((*key, since), base, subject.kind, given)

    def _once(
        self, key: tuple[object, ...], base: Policy, kind: str, given: list[Given]
    ) -> Pending:
        if key not in self._found:
            answered = [
                scope.Answered(one.question, version, agreed=one.agreed)
                for one in given
                if (version := self._version(one.version_id))
            ]
            self._found[key] = scope.pending(base, self.policy, kind, answered)
        return self._found[key]

    def _version(self, pk: int) -> Policy | None:
        """Return what a version says; an answer to one that was given up settles nothing."""
        if pk not in self._versions:
            version = PolicyVersion.objects.select_related("service").get(pk=pk)
            given_up = version.state == PolicyVersion.State.CANCELLED
            self._versions[pk] = None if given_up else policy_values(version)
        return self._versions[pk]


def answers(subjects: Iterable[DataSubject]) -> dict[int, list[Given]]:
    """Return the answers that count now, by person; one query."""
    found: dict[int, list[Given]] = {}
    states = ConsentState.objects.filter(subject__in=list(subjects))
    for pk, purpose, channel, recipient, answer, version in states.values_list(
        "subject_id", "purpose", "channel", "recipient", "answer", "version_id"
    ):
        question = (purpose, channel or None, recipient or None)
        found.setdefault(pk, []).append(Given(question, answer, version))
    return found


def new_items(subjects: Iterable[DataSubject], policy: Policy) -> dict[int, frozenset[str]]:
    """Return the items that may not be taken from people yet: new, and not agreed to (KRN-4.3).

    Only of people who agreed to a version: whoever just buys or receives is told with the order.
    """
    people = [one for one in subjects if one.agreed_version_id is not None]
    whole = PendingScope(policy)
    concerned = [one for one in people if whole.refused(one).items]
    if not concerned:
        return {}
    given = answers(concerned)
    return {one.pk: whole.refused(one, given.get(one.pk, ())).items for one in concerned}
