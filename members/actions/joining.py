"""People join: the right code makes a member of a sealed form in one step; a no leaves nothing but a number.

Invariants: nobody is active without the answers given on joining; one e-mail address and one login ID belong to one
member of a service; who left is held to the time that the policy sets (MIK-5.4a). Sources: KRN-3.1, MIK-1.1,
MIK-3.2-R1, MIK-4.1, LEJ-1.1, LEJ-2.4.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from compliance.ledger import REPRESENTATIVE, THEMSELVES, Themselves
from compliance.models import Account, PolicyVersion, Service
from compliance.rules.calendar import local_day
from compliance.rules.policy_values import Policy
from compliance.selectors import policy_values
from compliance.sweeps import Report
from members import rejoin, selectors
from members.actions import consent, join_mail, password, pending_join, receipt, record
from members.actions import subject as people
from members.actions.pending_join import Filled, Gone
from members.archive.models import RejoinDigest
from members.models import MEMBER_KINDS, DataSubject, JoinRefusal, PendingJoin

WEB = "web"
WAYS = (
    "registration",
    "homepage",
    "user_input",
)  # What policies call this way of collecting (MIK-4.1).
UNIQUE = ("login_id", "email")
ABANDONED = timedelta(hours=1)


@dataclass(frozen=True)
class Obstacle:
    """Why a proved form makes no member: ``taken`` or ``held``, the item it is about, and the last day of a hold."""

    reason: str
    item: str
    until: date | None = None


class NotPossible(ValueError):
    """The form cannot become a membership; see ``obstacle``."""

    def __init__(self, obstacle: Obstacle) -> None:
        super().__init__(obstacle.reason)
        self.obstacle = obstacle


def refuse(version: PolicyVersion, *, now: datetime) -> None:
    """Count somebody who said no; nothing else is kept (KRN-3.1, MIK-1.1)."""
    day = local_day(now, version.service.timezone)
    with transaction.atomic():
        row, _ = JoinRefusal.objects.get_or_create(
            service=version.service, version=version, day=day
        )
        JoinRefusal.objects.filter(pk=row.pk).update(count=F("count") + 1)


def complete(
    pending: PendingJoin, *, actor: Themselves = THEMSELVES, asked_by: str = WEB, now: datetime
) -> DataSubject:
    """Make a member of a form whose address is proved, write the answers and the receipt, and destroy the form.

    ``actor`` and ``asked_by`` tell who answered: the person, or for a child that waits its representative, and
    nobody else (LEJ-2.4).
    Raises ``Gone`` for a form that has expired and ``NotPossible`` where the address or the login ID is not free.
    """
    filled = pending_join.read(pending, now=now)
    for_child = pending.subject_id is not None
    if pending.proved_at is None or for_child != (actor is REPRESENTATIVE):
        raise Gone
    policy = policy_values(pending.version)
    _refuse_unless_free(pending.service, filled, policy, now)
    person = _admitted(pending, policy, now)
    people.fill(person, filled.values, version=pending.version, actor=None, now=now)
    try:
        _open(person, pending, filled, policy, actor=actor, asked_by=asked_by, now=now)
    except NotPossible:
        empty(person, now=now)
        raise
    pending_join.discard([pending.pk])
    join_mail.plan(person, filled.answers, pending.version, now=now)
    return person


def empty(person: DataSubject, *, now: datetime) -> None:
    """Destroy what was sealed of somebody who is JOINING; a child that waits goes on waiting, others are gone."""
    record.destroy(list(person.records.all()), actor=None, now=now)
    if not person.representatives.exists():
        person.delete()


def destroy_abandoned(now: datetime, *, dry_run: bool = False) -> Report:
    """Destroy forms after half an hour, and what a stop in the middle of joining left."""
    forms = pending_join.expired(now)
    unfinished = DataSubject.objects.filter(
        Q(representatives=None) | Q(records__isnull=False),
        status=DataSubject.Status.JOINING,
        source__in=(*WAYS, WEB),
        joined_at__lt=now - ABANDONED,
    )
    people_left = list(unfinished.distinct())
    if not dry_run:
        pending_join.discard(forms)
        for person in people_left:
            empty(person, now=now)
    return Report(done=len(forms) + len(people_left))


def obstacle(service: Service, filled: Filled, policy: Policy, *, now: datetime) -> Obstacle | None:
    """Return why nobody can join with these values now, None if somebody can."""
    for item in UNIQUE:
        if filled.values.get(item) and is_taken(service, item, filled.values[item]):
            return Obstacle("taken", item)
    today = local_day(now, policy.timezone)
    held = rejoin.holding(service, filled.values, today=today)
    if not held:
        return None
    longest = RejoinDigest.objects.filter(pk__in=held).order_by("-due_on").first()
    return Obstacle("held", longest.field, longest.due_on) if longest else None


def is_taken(service: Service, item: str, value: str) -> bool:
    """Whether a member of the service, dormant ones included, has this login ID or e-mail address."""
    found = (
        *selectors.find_subjects(service, item, value),
        *selectors.find_dormant(service, item, value),
    )
    return any(one.kind in MEMBER_KINDS for one in found)


def way(policy: Policy) -> str:
    """Return what the policy calls collecting on these pages, else ``web``."""
    listed = {row.code for row in policy.collection_methods}
    return next((code for code in WAYS if code in listed), WEB)


def _refuse_unless_free(service: Service, filled: Filled, policy: Policy, now: datetime) -> None:
    found = obstacle(service, filled, policy, now=now)
    if found:
        raise NotPossible(found)


def _admitted(pending: PendingJoin, policy: Policy, now: datetime) -> DataSubject:
    """The person who joins: new, or the child whose representative filled the form in."""
    if pending.subject is not None:
        child = pending.subject
        record.destroy(list(child.records.all()), actor=None, now=now)  # of a stop, if any
        child.language, child.agreed_version = pending.language, pending.version
        child.joined_at = child.last_used_at = now
        child.save(update_fields=["language", "agreed_version", "joined_at", "last_used_at"])
        return child
    return people.admit(
        pending.service,
        pending.kind,
        language=pending.language,
        source=way(policy),
        version=pending.version,
        joined_at=now,
    )


def _open(
    person: DataSubject,
    pending: PendingJoin,
    filled: Filled,
    policy: Policy,
    *,
    actor: Themselves,
    asked_by: str,
    now: datetime,
) -> None:
    """JOINING -> ACTIVE with account and answers, once nobody else has joined with the same values meanwhile."""
    with transaction.atomic():
        Service.objects.select_for_update().get(pk=pending.service_id)
        _refuse_unless_free(pending.service, filled, policy, now)
        person.account = Account.objects.create_member(language=pending.language)
        person.save(update_fields=["account"])
        if filled.password:
            password.set_prepared(person.account, filled.password, actor=actor, now=now)
        _answer(person, pending, filled.answers, actor=actor, asked_by=asked_by, now=now)
        people.activate(person, actor=actor, now=now)
        receipt.ask(person, language=pending.language, now=now)


def _answer(
    person: DataSubject,
    pending: PendingJoin,
    answers: Sequence[pending_join.Given],
    *,
    actor: Themselves,
    asked_by: str,
    now: datetime,
) -> None:
    for one in answers:
        consent.answer(
            person,
            purpose=one.purpose,
            channel=one.channel,
            recipient=one.recipient,
            answer=one.answer,
            version=pending.version,
            asked_by=asked_by,
            language=pending.language,
            text_hash=one.text_hash,
            actor=actor,
            now=now,
        )
