"""Answers about cookies: a member's as consent, a visitor's as a number of the day (LEJ-CK-2, MIK-15.3)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import F

from compliance.models import PolicyVersion
from compliance.rules.cookies import Answer
from members import cookies
from members.actions import choices
from members.cookies import Declared
from members.models import ConsentEvent, CookieCount, DataSubject

BY_WEB = "web"


def answer(
    subject: DataSubject,
    answers: Mapping[str, Answer],
    *,
    shown: Sequence[Declared],
    version: PolicyVersion,
    language: str,
    now: datetime,
) -> list[ConsentEvent]:
    """Write the standing answers of a member that differ from those that count, by the code of the kind.

    Being asked each time is a no with the wish to be asked. Raises ``choices.NotPossible`` for leavers.
    """
    agrees: dict[str, bool] = {}
    lines = []
    for one in shown:
        given = answers.get(one.kind.row.code)
        if given is None:
            continue
        plain, each_time = cookies.question(one), cookies.question(one, channel=cookies.EACH_TIME)
        agrees[plain.choice.key] = given == Answer.YES
        lines.append(plain)
        if Answer.ASK in (given, one.kind.standing):
            agrees[each_time.choice.key] = given == Answer.ASK
            lines.append(each_time)
    return choices.change(
        subject, agrees, lines=lines, version=version, asked_by=BY_WEB, language=language,
        actor=None, now=now,
    )  # fmt: skip


def answer_once(
    subject: DataSubject,
    answers: Mapping[str, Answer],
    *,
    shown: Sequence[Declared],
    version: PolicyVersion,
    language: str,
    now: datetime,
) -> list[ConsentEvent]:
    """Write what a member who is asked each time says for this visit; the wish to be asked stays."""
    asked = [one for one in shown if one.kind.row.code in answers]
    lines = {
        one.kind.row.code: cookies.question(one, channel=cookies.THIS_TIME) for one in asked
    }  # fmt: skip
    agrees = {line.choice.key: answers[code] == Answer.YES for code, line in lines.items()}
    return choices.change(
        subject, agrees, lines=list(lines.values()), version=version, asked_by=BY_WEB,
        language=language, actor=None, now=now,
    )  # fmt: skip


def count(answers: Mapping[str, Answer], *, version: PolicyVersion, day: date) -> None:
    """Add the answers of somebody who is not signed in to the numbers of a day of the service."""
    with transaction.atomic():
        for kind, given in sorted(answers.items()):
            row, _ = CookieCount.objects.get_or_create(
                version=version, kind=kind, answer=given.value, day=day
            )
            CookieCount.objects.filter(pk=row.pk).update(answers=F("answers") + 1)
