"""What the letters of a campaign say beyond the change itself: the questions asked, the day that was corrected."""

from typing import Any

from compliance.models import Notice, NoticeCorrection, PolicyVersion
from compliance.rules import scope
from compliance.selectors import policy_values
from members import addresses, policy_changes, questions
from members.rules.reconsent import Asked, longer
from members.rules.reconsent import questions as questions_about

QUESTIONS = ("policy_question", "policy_question_reminder")


def more(notice: Notice, event: str, stage: str) -> dict[str, Any]:
    """Return the context of a question or a correction in the language that is active; empty for other letters."""
    if event in QUESTIONS:
        policy = policy_values(notice.version)
        lines = [questions.line_of(policy, one) for one in asked(notice.version)]
        names = [line.title for line in lines]
        return {"asked": lines, "first": names[0] if names else "", "others": len(names) - 1}
    if stage.startswith(NoticeCorrection.STAGE):
        number = int(stage.removeprefix(NoticeCorrection.STAGE))
        correction = notice.corrections.get(number=number)
        return {"old_on": correction.old_on, "new_on": correction.new_on}
    return {}


def asked(version: PolicyVersion) -> list[Asked]:
    """Return what a version asks anybody, against the version before it; each question once."""
    return [one for one, _ in asked_of(version)]


def asked_of(version: PolicyVersion) -> list[tuple[Asked, frozenset[str]]]:
    """Return what a version asks anew, each question once, with the kinds of people who are asked."""
    earlier = policy_changes.earlier(version)
    if not earlier:
        return []
    base, policy = policy_values(earlier[0]), policy_values(version)
    found: dict[str, tuple[Asked, frozenset[str]]] = {}
    for kind in sorted(addresses.kinds_with_address(policy)):
        pending = scope.pending(base, policy, kind)
        for one in (*questions_about(policy, kind, pending), *longer(base, policy, kind)):
            known = found.get(one.choice.key, (one, frozenset()))
            found[one.choice.key] = (known[0], known[1] | {kind})
    return list(found.values())
