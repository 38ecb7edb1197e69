"""The message that a way to sign in was changed: to the earlier and to the new address, so that both know (E24)."""

from datetime import datetime

from members import addresses
from members.actions import delivery
from members.contacts import language_of
from members.gate import policy_for
from members.models import DataSubject, Delivery

EVENT, PURPOSE = "address_changed", "request_answer"


def changed(
    subject: DataSubject, item: str, reference: str, *, earlier: str = "", now: datetime
) -> list[Delivery]:
    """Write the messages about a changed e-mail address or login ID; ``earlier`` is the address before."""
    language = language_of(subject, policy_for(subject.service, now))
    figures = {
        "is_email": bool(earlier),
        "reference": reference,
        "changed_at": now.isoformat(),
    }
    written = []
    if earlier:
        written.append(_to(earlier, "earlier", subject, reference, language, figures, now))
    try:
        newest = delivery.address_of(subject, PURPOSE, now=now)
    except addresses.NoAddress:
        return written
    written.append(_to(newest, item, subject, reference, language, figures, now))
    return written


def _to(
    address: str,
    which: str,
    subject: DataSubject,
    reference: str,
    language: str,
    figures: dict[str, object],
    now: datetime,
) -> Delivery:
    return delivery.plan_to(
        address,
        EVENT,
        f"{reference}:{which}",
        kind=Delivery.Kind.CONFIRMATION,
        service=subject.service,
        subject=subject,
        language=language,
        figures=figures,
        now=now,
    )
