"""Enquiries and complaints by their rules: until when each is answered, when to warn, how long its texts are kept.

Sources: MIK-17.3a (telephone hours in the zone of the policy), MIK-17.3b (24 elapsed hours, weekends included, warning
at 20), MIK-18.2 and ENG-7.4 (the same target whatever the way), LEJ-8 and MIK-5.2.3 (complaints 3 years), X-ALL-4.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from compliance.rules.calendar import first_day_after, last_day, local_day, moment_after, zone_of
from compliance.rules.policy_values import Contact, Policy
from members.rules.requests import RIGHTS, Due, due

ENQUIRY, COMPLAINT = "enquiry", "complaint"
KINDS = (ENQUIRY, COMPLAINT)
TOPICS = ("privacy", "rights", "complaints", "general")
PHONE = "phone"
CASE_CLOSED = "case_closed"
ELECTRONIC = "electronic"
DISPUTE = "open_dispute"
WARNING = 5 / 6  # MIK-17.3b: at 20 of 24 hours.
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ONE_DAY, A_WEEK = timedelta(days=1), 7


def answer_by(policy: Policy, kind: str, channel: str, received_at: datetime) -> Due:
    """Until when an enquiry or a complaint is answered; None where the policy gives no figure at all.

    A call is answered while the line is open, one outside its hours at the next opening. A way without a figure of
    its own has the soonest one that the policy gives for enquiries.
    Example: MIKMIK, a call on a weekday at 17:30 in Seoul: 10:00 of the next business day.
    """
    if channel == PHONE:
        hours = next(_with_hours(policy), None)
        if hours is not None:
            return Due(_call_back(hours, policy, received_at), hours.clause, "")
    found = due(policy, kind, channel, received_at)
    if found.at is not None:
        return found
    dated = sorted(_dated(policy, kind, received_at), key=lambda one: one[0])
    return Due(dated[0][0], dated[0][1], found.words) if dated else found


def warn_at(received_at: datetime, due_at: datetime | None) -> datetime | None:
    """The moment from which a case is about to be late: five sixths of its time, 20 of 24 hours."""
    return None if due_at is None else received_at + (due_at - received_at) * WARNING


def is_open(contact: Contact, zone: str, moment: datetime) -> bool:
    """Whether a contact with hours can be reached at a moment, in the zone of its own hours."""
    local = moment.astimezone(zone_of(contact.hours_timezone or zone))
    on_day = not contact.hours_days or DAYS[local.weekday()] in contact.hours_days
    return on_day and _clock(contact.hours_from) <= local.time() < _clock(contact.hours_to)


def complaint_item(policy: Policy, kind_of_person: str) -> str:
    """The item in which a complaint of a kind of person is kept from the end of its case on; empty if there is none.

    Example: MIKMIK, a member: `complaint_records`, 3 years.
    """
    for row in policy.retention:
        if row.trigger == CASE_CLOSED and row.period and kind_of_person in row.subjects:
            return next((code for code in row.items if _is_taken(policy, code, kind_of_person)), "")
    return ""


def destroy_from(policy: Policy, kind: str, closed_on: date) -> date:
    """The day on which the texts of a closed case are destroyed.

    A complaint is kept as long as the longest rule that starts at its end. An enquiry has served its purpose with the
    answer and goes a day before the policy's own limit of destruction is over (X-ALL-4), so that it can be read until
    then.
    Example: MIKMIK, closed on 23 November 2026: a complaint on 24 November 2029, an enquiry on 27 November 2026.
    """
    rules = [row for row in policy.retention if row.trigger == CASE_CLOSED and row.period]
    if kind == COMPLAINT and rules:
        return max(first_day_after(closed_on, row.period) for row in rules if row.period)
    limits = [row.deadline for row in policy.destruction if row.medium == ELECTRONIC]
    ends = [last_day(closed_on, limit) for limit in limits if limit is not None]
    return max(closed_on, min(ends) - ONE_DAY) if ends else closed_on + ONE_DAY


def opens_dispute(policy: Policy) -> bool:
    """Whether a complaint is a dispute that holds up destruction (KRN-8)."""
    return any(row.right == COMPLAINT and DISPUTE in row.effects for row in policy.rights)


def purposes(policy: Policy) -> tuple[str, ...]:
    """The purposes for which an answer may use data: those of support (LMK-2k)."""
    return tuple(row.code for row in policy.purposes if row.group == "support")


def needed_items(policy: Policy, kind_of_person: str) -> dict[str, str]:
    """What an answer may use of a kind of person: ``{item: purpose}``, no credentials, in the order of the policy.

    Example: LetsMasak, a member: `enquiry_content`, `characteristics`, `usage_fees`, `contact_address`.
    """
    found: dict[str, str] = {}
    for purpose in purposes(policy):
        rows = [row for row in policy.uses if purpose in row.purposes]
        for row in rows:
            if kind_of_person in row.subjects:
                found |= {item: purpose for item in row.items if item not in found}
    known = policy.items_by_code
    return {code: found[code] for code in known if code in found and _may_show(known[code])}


def _is_taken(policy: Policy, item: str, kind_of_person: str) -> bool:
    row = policy.items_by_code.get(item)
    return row is not None and kind_of_person in {entry.kind for entry in row.subjects}


def _may_show(item: object) -> bool:
    return getattr(item, "category", "") != "credential"


def _with_hours(policy: Policy) -> Iterator[Contact]:
    return (row for row in policy.contacts if row.channel == PHONE and row.hours_from)


def _dated(policy: Policy, kind: str, received_at: datetime) -> Iterator[tuple[datetime, str]]:
    rights = RIGHTS.get(kind, ())
    for row in policy.rights:
        if row.right in rights and row.deadline is not None:
            yield moment_after(received_at, row.deadline, policy.timezone), row.clause
    for contact in policy.contacts:
        if contact.answer_within is not None:
            yield moment_after(received_at, contact.answer_within, policy.timezone), contact.clause


def _call_back(contact: Contact, policy: Policy, received_at: datetime) -> datetime:
    zone = zone_of(contact.hours_timezone or policy.timezone)
    if is_open(contact, policy.timezone, received_at):
        closing = _clock(contact.hours_to)
        return datetime.combine(local_day(received_at, zone), closing, zone)
    day = local_day(received_at, zone)
    for step in range(A_WEEK + 1):
        opening = datetime.combine(day + step * ONE_DAY, _clock(contact.hours_from), zone)
        is_day = not contact.hours_days or DAYS[opening.weekday()] in contact.hours_days
        if is_day and opening > received_at:
            return opening
    return received_at


def _clock(text: str) -> time:
    return time.fromisoformat(text)
