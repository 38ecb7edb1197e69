"""Answers to what a new version asks anew, and leaving the questions for later (KRN-4.3, MIK-11.1, X-KRN-3)."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from compliance import ledger
from compliance.models import Account, PolicyVersion
from compliance.sweeps import Report
from members import questions
from members.actions import agreement, consent
from members.actions.choices import OPEN, NotPossible
from members.models import Answer, ConsentEvent, ConsentState, DataSubject
from members.questions import Line, Sheet
from members.scope import answers

BATCH = 500
State = PolicyVersion.State


def answer(
    subject: DataSubject,
    agrees: Mapping[str, bool],
    *,
    sheet: Sheet,
    asked_by: str,
    language: str,
    actor: Account | None,
    now: datetime,
) -> list[ConsentEvent]:
    """Write the answers to questions of a sheet, each with the digest of its words; the same answer twice is one.

    ``agrees`` tells yes or no by key; other keys are left out, and silence stays silence. Once everything is agreed
    to and the version is in force, it binds as a whole. Raises ``NotPossible``: ``left``.
    """
    with transaction.atomic():
        locked = _locked(subject)
        before = {
            (one.question, one.version_id): one.answer
            for one in answers([locked]).get(locked.pk, [])
        }
        events = []
        for line in sheet.lines:
            said = _said(line, agrees.get(line.choice.key), sheet, before)
            if said:
                events.append(
                    consent.answer(
                        locked,
                        purpose=line.choice.purpose,
                        channel=line.choice.channel,
                        recipient=line.choice.recipient,
                        answer=said,
                        version=sheet.version,
                        asked_by=asked_by,
                        language=language,
                        text_hash=line.text_hash,
                        actor=actor,
                        now=now,
                    )
                )
        if events:
            _bind_if_agreed(locked, sheet.version, actor=actor, now=now)
    return events


def put_off(
    subject: DataSubject, *, version: PolicyVersion, actor: Account | None, now: datetime
) -> bool:
    """Leave the questions of a version for later: the old scope stays, and nobody leads to them again.

    A later version asks anew. Raises ``NotPossible``: ``left``.
    """
    with transaction.atomic():
        locked = _locked(subject)
        if locked.put_off_version_id == version.pk:
            return False
        DataSubject.objects.filter(pk=locked.pk).update(put_off_version=version)
        ledger.record(
            "members.questions.put_off",
            actor=actor,
            now=now,
            service=locked.service,
            subject=locked.public_id,
            data={"version": version.number},
        )
    return True


def bind_agreed(now: datetime, *, dry_run: bool = False) -> Report:
    """Let a version bind those who agreed to all of it before it took effect; repeating is harmless."""
    report = Report()
    for version in PolicyVersion.objects.in_effect().select_related("service"):
        cursor = 0
        while people := list(_agreed_ahead(version).filter(pk__gt=cursor).order_by("pk")[:BATCH]):
            cursor = people[-1].pk
            ready = _all_agreed(people, version)
            report.done += len(ready)
            if ready and not dry_run:
                agreement.agree(ready, version, actor=None, now=now)
    return report


def _agreed_ahead(version: PolicyVersion) -> QuerySet[DataSubject]:
    """People bound to an earlier version who said yes to questions of this one, and no to none."""
    mine = ConsentState.objects.filter(subject=OuterRef("pk"), version=version)
    people = DataSubject.objects.filter(
        service=version.service, left_at=None, agreed_version__number__lt=version.number
    )
    said_yes = Exists(mine.filter(answer=Answer.AGREED))
    return people.filter(said_yes).exclude(Exists(mine.exclude(answer=Answer.AGREED)))


def _all_agreed(people: list[DataSubject], version: PolicyVersion) -> list[int]:
    asking, given = questions.Asking(version), answers(people)
    return [one.pk for one in people if asking.is_wholly_agreed(one, given.get(one.pk, []))]


def _bind_if_agreed(
    subject: DataSubject, version: PolicyVersion, *, actor: Account | None, now: datetime
) -> None:
    if version.state in agreement.BINDING and _all_agreed([subject], version):
        agreement.agree([subject.pk], version, actor=actor, now=now)


def _locked(subject: DataSubject) -> DataSubject:
    locked = DataSubject.objects.select_for_update().select_related("service").get(pk=subject.pk)
    if locked.status not in OPEN:
        raise NotPossible("left")
    return locked


def _said(
    line: Line, agrees: bool | None, sheet: Sheet, before: Mapping[tuple[object, int], str]
) -> str:
    """Return the answer to write; empty for silence, and where this version already has the same one."""
    if agrees is None:
        return ""
    choice = line.choice
    question = (choice.purpose, choice.channel or None, choice.recipient or None)
    current = before.get((question, sheet.version.pk)) or line.answer
    if current and agrees == (current == Answer.AGREED):
        return ""
    if agrees:
        return Answer.AGREED
    return Answer.WITHDRAWN if current == Answer.AGREED else Answer.DISAGREED
