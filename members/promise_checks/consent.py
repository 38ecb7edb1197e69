"""Is nothing used without the answer that the policy asks for, and is every answer provable."""

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from compliance.promises import CheckContext, Finding, found, gravest
from compliance.rules import gate
from compliance.rules.policy_values import Policy
from compliance.rules.promises import Verdict
from members.imports.staging import ASKED_BY
from members.models import (
    Answer,
    ConsentEvent,
    ConsentState,
    DataSubject,
    Delivery,
    JoinRefusal,
)


def purpose_only_with_consent(context: CheckContext) -> Finding:
    """Nobody without an agreed answer is reached: the gate refuses every probe, and no message went without one.

    The probe asks the gate for every item and kind of person that no row permits without consent.
    """
    purpose = str(context.params.get("purpose"))
    channel = context.params.get("channel")
    if purpose not in context.policy.purposes_by_code:
        return found(Verdict.NOT_BUILT, reason="row_missing")
    asked, let_through = _probe(context.policy, purpose, channel)
    mailed = _mailed_without(context, purpose)
    unproven = _unproven(context, purpose).count()
    return found(
        gravest([(let_through + mailed + unproven > 0, Verdict.BROKEN)]),
        row=purpose,
        probes=asked,
        let_through=let_through,
        sent_without_answer=mailed,
        answers_without_record=unproven,
    )


def _probe(policy: Policy, purpose: str, channel: str | None) -> tuple[int, int]:
    asked = let_through = 0
    for kind in DataSubject.Kind.values:
        items = [row.code for row in policy.items if not _free_use(policy, purpose, row.code, kind)]
        for facts in (
            gate.Facts(kind=kind),
            gate.Facts(kind=kind, withdrawn=frozenset({(purpose, channel, None)})),
        ):
            decision = gate.decide(policy, facts, purpose=purpose, items=items, channel=channel)
            asked += len(items)
            let_through += len(decision.allowed_items)
    return asked, let_through


def _free_use(policy: Policy, purpose: str, item: str, kind: str) -> bool:
    """A row of the policy lets this combination through without asking."""
    return any(
        not row.needs_consent
        and purpose in row.purposes
        and item in row.items
        and kind in row.subjects
        for row in policy.uses
    )


def _mailed_without(context: CheckContext, purpose: str) -> int:
    """Marketing sent to somebody who had agreed before to none of the purposes of that marketing."""
    rows = context.policy.marketing
    together = {code for row in rows if purpose in row.purposes for code in row.purposes}
    if not together:
        return 0
    name = f"mailed_without:{','.join(sorted(together))}"
    count: int = context.once(name, lambda: _count_mailed_without(context, together))
    return count


def _count_mailed_without(context: CheckContext, purposes: set[str]) -> int:
    agreed = ConsentEvent.objects.filter(
        subject_id=OuterRef("subject_id"),
        purpose__in=purposes,
        answer=Answer.AGREED,
        answered_at__lte=OuterRef("created_at"),
    )
    sent = Delivery.objects.filter(
        service=context.service,
        kind=Delivery.Kind.MARKETING,
        state__in=(Delivery.State.SENT, Delivery.State.UNCERTAIN),
        subject__isnull=False,
    )
    return sent.filter(~Exists(agreed)).count()


def _unproven(context: CheckContext, *purposes: str) -> QuerySet[ConsentState]:
    """Agreed answers that count now without the event that proves them."""
    states = ConsentState.objects.filter(subject__service=context.service, answer=Answer.AGREED)
    if purposes:
        states = states.filter(purpose__in=purposes)
    proof = ConsentEvent.objects.filter(
        subject_id=OuterRef("subject_id"),
        purpose=OuterRef("purpose"),
        channel=OuterRef("channel"),
        recipient=OuterRef("recipient"),
        answer=Answer.AGREED,
    )
    return states.filter(~Exists(proof))


def two_answers(context: CheckContext) -> Finding:
    """Agreeing and disagreeing are both recorded, each with language and digest of the text that was shown."""
    events = ConsentEvent.objects.filter(subject__service=context.service)
    tally = {
        answer: events.filter(answer=answer).count() for answer in (Answer.AGREED, Answer.DISAGREED)
    }
    shown = events.exclude(answer=Answer.WITHDRAWN)  # whoever takes an answer back reads no text
    silent = shown.filter(Q(text_hash="") | Q(language=""))
    imported = silent.filter(
        asked_by=ASKED_BY
    ).count()  # Asked elsewhere: a person has to prove it.
    without_text = silent.exclude(asked_by=ASKED_BY).count()
    unproven = _unproven(context).count()
    said_no = JoinRefusal.objects.filter(service=context.service).aggregate(sum=Sum("count"))
    return found(
        gravest(
            [
                (without_text + unproven > 0, Verdict.BROKEN),
                (imported > 0, Verdict.WAITING_FOR_PERSON),
            ]
        ),
        imported_without_text=imported,
        agreed=tally[Answer.AGREED],
        disagreed=tally[Answer.DISAGREED],
        refused_to_join=said_no["sum"] or 0,
        without_text=without_text,
        answers_without_record=unproven,
    )
