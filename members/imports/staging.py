"""Nothing is visible before all is in: changes wait as staged rows and take effect in one transaction.

A stop at any step leaves either a file that the next run continues, or nothing that anybody sees.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from compliance import bulk, effects
from compliance.keyring import keys
from compliance.models import Account, Job, PolicyVersion
from compliance.models.effect import Effect
from compliance.rules.calendar import local_day
from compliance.rules.policy_values import Policy
from members.actions import agreement, record
from members.actions.record import NewValues
from members.archive.models import ArchivedRecord
from members.binding import Binding
from members.imports import apart
from members.models import ConsentEvent, ConsentState, DataSubject, Record, StagedChange
from members.rules.import_check import Answered

STAGE, REPLACE = "members.import.stage", "members.import.replace"
BATCH = 1_000
ASKED_BY = "import"
RETURNS = "returns"  # Fact of a row about somebody who was dormant when it came in.
RETURNING = "returning"  # Of a job: people are coming back by it, so it is not taken back any more.
QUESTION = ("subject_id", "purpose", "channel", "recipient", "answer", "version_id")
CHANGEABLE = (DataSubject.Status.ACTIVE, DataSubject.Status.RESTRICTED)


@dataclass
class Change:
    """What one row or event changes about a person who is here already."""

    subject: DataSubject
    sealed: list[tuple[NewValues, UUID | None]] = field(default_factory=list)
    use: dict[str, Any] = field(default_factory=dict)  # Facts that travel with what is sealed.
    clocks: list[tuple[Record, dict[str, str]]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    apart: list[tuple[ArchivedRecord, dict[str, str]]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.sealed or self.clocks or self.facts or self.apart)


def marker(job: Job) -> str:
    """The source that people of a running import carry until it is applied."""
    return f"import:{job.pk.hex}"


def prepare(
    job: Job, changes: Sequence[Change], policy: Policy, *, actor: Account | None, now: datetime
) -> tuple[list[StagedChange], Effect | None]:
    """Seal what changes bring under new keys; the caller writes the rows and completes the effect."""
    binding = Binding(policy)
    pairs = [pair for change in changes for pair in _drafts(change, binding)]
    rows = [
        _clock_row(job, change, *clock, binding) for change in changes for clock in change.clocks
    ]
    rows += [StagedChange(job=job, subject=c.subject, facts=c.facts) for c in changes if c.facts]
    rows += [_row_apart(job, c.subject, *moved) for c in changes for moved in c.apart]
    if not pairs:
        return rows, None
    ids = [str(draft[0].pk) for draft, _, _ in pairs]
    ref = f"import:{job.pk.hex}.{job.cursor}"
    effect = effects.begin(STAGE, ref, {"records": ids}, actor=actor, now=now, destroys=False)
    record.seal_drafts([draft for draft, _, _ in pairs])
    rows += [_sealed_row(job, draft[0], old, use) for draft, old, use in pairs]
    return rows, effect


def _drafts(change: Change, binding: Binding) -> Iterator[tuple[Any, UUID | None, dict[str, Any]]]:
    for values, replaced in change.sealed:
        for draft in record.drafts_of(values, binding):
            yield draft, replaced, change.use


def _sealed_row(job: Job, new: Record, replaced: UUID | None, use: dict[str, Any]) -> StagedChange:
    return StagedChange(
        id=new.pk,
        job=job,
        subject=new.subject,
        replaces=replaced,
        record_class=new.record_class,
        occurred_at=new.occurred_at,
        anchors=new.anchors,
        source=new.source,
        item_codes=new.item_codes,
        sealed=new.sealed,
        due_on=new.due_on,
        held_by=new.held_by,
        facts=use,
    )


def _clock_row(
    job: Job, change: Change, old: Record, anchors: dict[str, str], binding: Binding
) -> StagedChange:
    subject, policy = change.subject, binding.policy
    since = local_day(old.occurred_at, policy.timezone)
    earlier = binding.earlier(subject.agreed_version_id, since)
    due_on, held_by = record.clock(policy, subject.kind, old.record_class, anchors, earlier=earlier)
    return StagedChange(
        job=job,
        subject=change.subject,
        replaces=old.pk,
        record_class=old.record_class,
        anchors=anchors,
        due_on=due_on,
        held_by=held_by,
    )


def _row_apart(
    job: Job, subject: DataSubject, old: ArchivedRecord, anchors: dict[str, str]
) -> StagedChange:
    return StagedChange(
        job=job, subject=subject, replaces=old.pk, anchors=anchors, facts={"apart": True}
    )


def repair(job: Job, *, now: datetime) -> None:
    """Clear up after a stop: keys without a row, people without a record, replacements half done."""
    for kind in (STAGE, REPLACE):
        mine = effects.unfinished(kind).filter(object_ref__startswith=f"import:{job.pk.hex}")
        for effect in mine:
            _repair(effect, kind, now)
    joining = DataSubject.objects.filter(source=marker(job), status=DataSubject.Status.JOINING)
    joining.filter(records=None).delete()


def _repair(effect: Effect, kind: str, now: datetime) -> None:
    ids = {UUID(text) for text in effect.payload["records"]}
    ids -= set(Record.objects.filter(pk__in=ids).values_list("pk", flat=True))
    if kind == STAGE:
        ids -= set(StagedChange.objects.filter(pk__in=ids).values_list("pk", flat=True))
    keys.destroy(list(ids))
    effects.complete(effect, now=now)


def sleepers(job: Job) -> QuerySet[DataSubject]:
    """Return the dormant people of whom a job brings a use."""
    uses = StagedChange.objects.filter(job=job, facts__has_any_keys=["last_used_at", RETURNS])
    dormant = DataSubject.objects.filter(status=DataSubject.Status.DORMANT)
    return dormant.filter(pk__in=uses.values("subject")).order_by("pk")


def returning(job: Job) -> int:
    """Return how many people were dormant when a job took them in."""
    rows = StagedChange.objects.filter(job=job, facts__has_key=RETURNS)
    return rows.values("subject").distinct().count()


def begin_return(job: Job) -> bool:
    """Note, before the first person comes back, that the file goes in now; False where it was stopped before."""
    if is_returning(job):
        return True
    params = job.params | {RETURNING: True}
    if not Job.objects.filter(pk=job.pk, cancel_asked_at=None).update(params=params):
        return False
    job.params = params
    return True


def is_returning(job: Job) -> bool:
    """Tell whether people have begun to come back by a job."""
    return bool(job.params.get(RETURNING))


def came_back(job: Job) -> int:
    """Return how many of the dormant people whom a job took in are back by now."""
    if not is_returning(job):
        return 0
    rows = StagedChange.objects.filter(job=job, facts__has_key=RETURNS)
    here = rows.exclude(subject__status=DataSubject.Status.DORMANT)
    return here.values("subject").distinct().count()


def take_effect(
    job: Job, version: PolicyVersion, *, actor: Account | None, now: datetime
) -> tuple[int, list[Effect]]:
    """Make everything of a job visible. The caller holds the transaction, and destroys keys after it.

    Returns how many changes were overtaken (the person left or the record changed meanwhile) and
    the effects that name the keys to be destroyed.
    """
    joining = DataSubject.objects.filter(source=marker(job), status=DataSubject.Status.JOINING)
    joining.update(status=DataSubject.Status.ACTIVE, source=ASKED_BY)
    overtaken, opened = 0, []
    staged = StagedChange.objects.filter(job=job).order_by("pk").select_related("subject")
    rows = list(staged.iterator(chunk_size=BATCH))
    moved = [row for row in rows if row.facts.get("apart")]
    rows = [row for row in rows if not row.facts.get("apart")]
    opened += [
        apart.begin(job, moved[place : place + BATCH], actor=actor, now=now)
        for place in range(0, len(moved), BATCH)
    ]
    for place in range(0, len(rows), BATCH):
        part = rows[place : place + BATCH]
        missed, obsolete = _apply_part(part, version, now)
        overtaken += missed
        if obsolete:
            ref = f"import:{job.pk.hex}.{place}"
            payload = {"records": [str(pk) for pk in obsolete]}
            opened.append(effects.begin(REPLACE, ref, payload, actor=actor, now=now))
    StagedChange.objects.filter(job=job).delete()
    return overtaken, opened


def destroy_replaced(opened: Sequence[Effect], *, now: datetime) -> None:
    """Destroy the keys of replaced records, and move the clocks of records apart; safe to repeat."""
    for effect in opened:
        if effect.kind == apart.MOVE:
            apart.carry_out(effect, now=now)
            continue
        keys.destroy([UUID(text) for text in effect.payload["records"]])
        effects.complete(effect, now=now)


def _apply_part(
    part: Sequence[StagedChange], version: PolicyVersion, now: datetime
) -> tuple[int, list[UUID]]:
    """Apply some staged rows; return how many were overtaken and which keys are of no use any more."""
    wanted = [row.replaces for row in part if row.replaces]
    there = set(Record.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    sound = [
        r
        for r in part
        if r.subject.status in CHANGEABLE and (not r.replaces or r.replaces in there)
    ]
    late = [row.pk for row in part if row not in sound and row.sealed is not None]
    fresh = [row for row in sound if row.sealed is not None]
    replaced = [row.replaces for row in fresh if row.replaces]
    Record.objects.filter(pk__in=replaced).delete()
    bulk.insert_objects([_record(row) for row in fresh])
    for row in sound:
        if row.sealed is None and row.replaces:
            _move_clock(row)
    _apply_facts([row for row in sound if row.facts], version, now)
    return len(part) - len(sound), [*replaced, *late]


def _record(row: StagedChange) -> Record:
    return Record(
        id=row.pk,
        subject=row.subject,
        record_class=row.record_class,
        occurred_at=row.occurred_at,
        anchors=row.anchors,
        source=row.source,
        item_codes=row.item_codes,
        sealed=bytes(row.sealed),
        due_on=row.due_on,
        held_by=row.held_by,
    )


def _move_clock(row: StagedChange) -> None:
    clock = {"anchors": row.anchors, "due_on": row.due_on, "held_by": row.held_by}
    Record.objects.filter(pk=row.replaces).update(**clock)


def _apply_facts(rows: Sequence[StagedChange], version: PolicyVersion, now: datetime) -> None:
    answers: list[tuple[DataSubject, Answered]] = []
    for row in rows:
        if "language" in row.facts:
            language = row.facts["language"]
            DataSubject.objects.filter(pk=row.subject_id).update(language=language)
        answers += [(row.subject, Answered(*one)) for one in row.facts.get("consents", ())]
    _note_uses([row for row in rows if "last_used_at" in row.facts])
    write_answers(answers, version, now=now)
    _note_agreements([row for row in rows if "agreed" in row.facts], now)


def _note_agreements(rows: Sequence[StagedChange], now: datetime) -> None:
    versions = PolicyVersion.objects.select_related("service")
    for version in versions.filter(pk__in={row.facts["agreed"] for row in rows}):
        people = {row.subject_id for row in rows if row.facts["agreed"] == version.pk}
        agreement.agree(people, version, actor=None, now=now)


def _note_uses(rows: Sequence[StagedChange]) -> None:
    """Last use only moves forward, to the latest of a person's rows."""
    latest: dict[int, datetime] = {}
    for row in rows:
        used_at = datetime.fromisoformat(row.facts["last_used_at"])
        latest[row.subject_id] = max(used_at, latest.get(row.subject_id, used_at))
    people = DataSubject.objects.select_for_update().filter(pk__in=latest).order_by("pk")
    before = people.values_list("pk", "last_used_at")
    later = [(pk, latest[pk]) for pk, used_at in before if used_at < latest[pk]]
    bulk.update(DataSubject, ("id", "last_used_at"), later)


def write_answers(
    answers: Sequence[tuple[DataSubject, Answered]],
    version: PolicyVersion,
    *,
    fresh: bool = False,
    texts: Mapping[str, tuple[str, str]] | None = None,
    now: datetime,
) -> None:
    """Record answers that a file brings: an event each, and the state that counts from now on.

    ``fresh`` says that nobody among the people has answered anything before. ``texts`` is the text
    each reader was shown as ``{language of the person: (language of the text, digest)}``; a file
    does not know it.
    """
    shown = texts or {}
    questions = [
        (subject.pk, answer.purpose, answer.channel, "", answer.answer, version.pk)
        for subject, answer in answers
    ]
    events = [
        (*question, ASKED_BY, *shown.get(subject.language, (subject.language, "")), now)
        for question, (subject, _) in zip(questions, answers, strict=True)
    ]
    bulk.insert(
        ConsentEvent, (*QUESTION, "asked_by", "language", "text_hash", "answered_at"), events
    )
    if fresh:
        bulk.insert(
            ConsentState, (*QUESTION, "since"), ((*question, now) for question in questions)
        )
        return
    ConsentState.objects.bulk_create(
        [
            ConsentState(**dict(zip(QUESTION, question, strict=True)), since=now)
            for question in questions
        ],
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["subject", "purpose", "channel", "recipient"],
        update_fields=["answer", "version", "since"],
    )


def destroy_staged(subject: DataSubject, now: datetime) -> int:
    """Destroy what waits for a person who leaves, and return how much it was; safe to repeat."""
    waiting = list(StagedChange.objects.filter(subject=subject).values_list("pk", flat=True))
    keys.destroy(waiting)
    return StagedChange.objects.filter(pk__in=waiting).delete()[0]


def drop(job: Job, *, actor: Account | None, now: datetime) -> tuple[int, int]:
    """Take back everything that a job has staged. Returns how many people and records went."""
    repair(job, now=now)
    staged = list(
        StagedChange.objects.filter(job=job).exclude(sealed=None).values_list("pk", flat=True)
    )
    keys.destroy(staged)
    StagedChange.objects.filter(job=job).delete()
    people = DataSubject.objects.filter(source=marker(job), status=DataSubject.Status.JOINING)
    records, gone = len(staged), 0
    while chunk := list(people.order_by("pk")[:BATCH]):
        held = list(Record.objects.filter(subject__in=chunk))
        records += record.destroy(held, actor=actor, now=now)
        with transaction.atomic():
            gone += len(chunk)
            DataSubject.objects.filter(pk__in=[person.pk for person in chunk]).delete()
    return gone, records
