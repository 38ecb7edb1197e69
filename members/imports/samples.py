"""Putting sample people in: by batches, visible batch by batch, the same seed only once."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from compliance import ledger, selectors
from compliance.actions import service as service_actions
from compliance.models import PolicyVersion, Service
from compliance.rules.policy_values import Policy
from compliance.selectors import policy_in_force, policy_values
from members.actions import record
from members.actions.record import NewValues
from members.imports import lookup, staging
from members.imports.engine import NoPolicy
from members.imports.sample_people import People, SamplePerson
from members.models import MEMBER_KINDS, DataSubject, Record
from members.rules.import_columns import kinds_of

SOURCE = "sample"
BATCH = 500
ANSWER = _("Sample answer. A real operator writes here what was filled in or decided.")
SHARES = {"nonmember": 8, "business": 40, "payee": 40}


def plan(policy: Policy, members: int) -> Iterator[tuple[str, int]]:
    """Yield how many people of each kind a service gets: for every eight members one purchaser."""
    for kind in kinds_of(policy):
        count = members if kind == "member" else members // SHARES.get(kind, members + 1)
        if count:
            yield kind, count


def has_real_people(service: Service) -> bool:
    """Whether a service holds anybody who is no sample; such a service gets no samples."""
    return DataSubject.objects.filter(service=service).exclude(source=SOURCE).exists()


def open_service(service: Service, *, now: datetime) -> None:
    """Mark a service as a sample, settle what keeps it in set-up by samples, and open it."""
    for finding in selectors.blocking_findings(service):
        service_actions.settle_finding(finding, str(ANSWER), is_sample=True, actor=None, now=now)
    service_actions.go_live(service, actor=None, now=now)
    Service.objects.filter(pk=service.pk, is_demo=False).update(is_demo=True)


def put_in(service: Service, members: int, *, seed: int, now: datetime) -> Iterator[int]:
    """Put in the sample people of a service and yield how many each batch brought."""
    version = policy_in_force(service)
    if version is None:
        raise NoPolicy(service.slug)
    _take_back_unfinished(service, now)
    policy = policy_values(version)
    people = People(policy, seed, now)
    for kind, count in plan(policy, members):
        for start in range(0, count, BATCH):
            batch = list(people.make(kind, start, min(count, start + BATCH)))
            yield put_in_people(service, version, policy, batch, now)


def put_in_people(
    service: Service,
    version: PolicyVersion,
    policy: Policy,
    batch: Sequence[SamplePerson],
    now: datetime,
) -> int:
    """Make one batch visible and return how many people it brought; those who are there stay as they are."""
    there = lookup.by_reference(
        service, lookup.person_classes(policy), [person.reference for person in batch]
    )
    fresh = [p for p in batch if p.reference not in there.people and p.reference not in there.apart]
    if not fresh:
        return 0
    subjects = DataSubject.objects.bulk_create([_subject(service, version, p) for p in fresh])
    pairs = list(zip(subjects, fresh, strict=True))
    rows = [values for pair in pairs for values in _values(*pair)]
    record.keep_many(rows, policy=policy, actor=None, now=now)
    with transaction.atomic():
        answers = [(subject, answer) for subject, person in pairs for answer in person.consents]
        staging.write_answers(answers, version, fresh=True, texts=_texts(version), now=now)
        DataSubject.objects.filter(pk__in=[s.pk for s in subjects]).update(
            status=DataSubject.Status.ACTIVE
        )
        items = [(subject.public_id, {"kind": subject.kind}) for subject in subjects]
        ledger.record_batch(
            "members.sample.registered", items, actor=None, now=now, service=service
        )
    return len(fresh)


def _texts(version: PolicyVersion) -> dict[str, tuple[str, str]]:
    found = {code: selectors.text_shown(version, code) for code, _name in settings.LANGUAGES}
    return {code: (text.language, text.digest) for code, text in found.items() if text}


def _subject(service: Service, version: PolicyVersion, person: SamplePerson) -> DataSubject:
    return DataSubject(
        service=service,
        kind=person.kind,
        status=DataSubject.Status.JOINING,
        language=person.language,
        agreed_version=version if person.kind in MEMBER_KINDS else None,
        source=SOURCE,
        joined_at=person.joined_at,
        last_used_at=person.last_used_at,
    )


def _values(subject: DataSubject, person: SamplePerson) -> Iterator[NewValues]:
    yield NewValues(subject, person.values, person.joined_at, SOURCE, external_ref=person.reference)
    for event in person.events:
        yield NewValues(
            subject,
            event.values,
            event.occurred_at,
            SOURCE,
            event.anchors,
            event.record_class,
            event.reference,
        )


def _take_back_unfinished(service: Service, now: datetime) -> None:
    """Remove what a stop left half done, so that it is made anew."""
    half = DataSubject.objects.filter(
        service=service, source=SOURCE, status=DataSubject.Status.JOINING
    )
    while chunk := list(half[:BATCH]):
        record.destroy(list(Record.objects.filter(subject__in=chunk)), actor=None, now=now)
        DataSubject.objects.filter(pk__in=[subject.pk for subject in chunk]).delete()
