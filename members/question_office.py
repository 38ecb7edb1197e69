"""How people answered what a version asked anew: counts only, by question (KRN-4.3)."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from compliance.audience import Answers
from compliance.models import PolicyVersion
from compliance.selectors import policy_values
from members import policy_letters, questions
from members.models import Answer, ConsentState, DataSubject
from members.rules.choices import Choice


def answers(version: PolicyVersion) -> list[Answers]:
    """Return one line for each question of a version; three queries a question, whatever the number of people."""
    policy = policy_values(version)
    return [
        _line(version, one.choice, questions.line_of(policy, one).title, kinds)
        for one, kinds in policy_letters.asked_of(version)
    ]


def bound(version: PolicyVersion) -> int:
    """Return how many people a version binds as a whole, because they agreed to it."""
    return DataSubject.objects.filter(agreed_version=version, left_at=None).count()


def _line(version: PolicyVersion, choice: Choice, title: str, kinds: frozenset[str]) -> Answers:
    given = ConsentState.objects.filter(
        subject__service=version.service,
        subject__left_at=None,
        purpose=choice.purpose,
        channel=choice.channel,
        recipient=choice.recipient,
        version__number__gte=version.number,
    )
    yes = given.filter(answer=Answer.AGREED).count()
    no = given.exclude(answer=Answer.AGREED).count()
    return Answers(title, agreed=yes, disagreed=no, silent=_silent(version, given, kinds).count())


def _silent(
    version: PolicyVersion, given: QuerySet[ConsentState], kinds: frozenset[str]
) -> QuerySet[DataSubject]:
    """People bound to an earlier version, of a kind that is asked, without an answer to this question."""
    came_before = Q(agreed_version=None)
    if version.taken_effect_at:
        came_before &= Q(joined_at__lt=version.taken_effect_at)
    people = DataSubject.objects.reachable().filter(
        Q(agreed_version__number__lt=version.number) | came_before,
        service=version.service,
        kind__in=kinds,
    )
    return people.exclude(Exists(given.filter(subject=OuterRef("pk"))))
