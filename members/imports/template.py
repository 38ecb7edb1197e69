"""An empty file with the right columns, by the policy of a service; passwords are not among them."""

from compliance.rules.policy_values import Policy
from members.imports import formats
from members.rules import event_check
from members.rules.import_columns import CONSENT, FACTS, consent_questions, kinds_of, people_items

ORDER_ANCHORS = ("payment", "supply", "contract", "contract_withdrawn", "purchase_confirmed")
CASE_ANCHORS = ("case_opened", "case_closed")


def people_columns(policy: Policy, kind: str) -> tuple[str, ...]:
    """The columns for one kind of person: facts, items, then one column per question about consent.

    Raises ``KeyError`` for a kind that the policy does not know.
    """
    if kind not in kinds_of(policy):
        raise KeyError(kind)
    questions = []
    for purpose, channels in consent_questions(policy).items() if kind == "member" else ():
        questions += [f"{CONSENT}:{purpose}:{channel}" for channel in sorted(channels)]
        questions += [] if channels else [f"{CONSENT}:{purpose}"]
    return (*FACTS, *people_items(policy, kind), *questions)


def event_columns(policy: Policy) -> tuple[str, ...]:
    """The columns of a file of events: facts, clock starts, and the items that events bring."""
    items = {
        item.code: None
        for item in policy.items
        for entry in item.subjects
        if entry.moment not in event_check.PROFILE_MOMENTS
        and item.category != "credential"
        and not item.unused_reason
    }
    return (*event_check.FACTS, *ORDER_ANCHORS, *CASE_ANCHORS, *items)


def template_file(policy: Policy, kind: str, *, extension: str = "csv") -> bytes:
    """The header as CSV or XLSX; ``kind`` is a kind of person, or ``events``.

    Raises ``KeyError`` for a kind that the policy does not know, and for a format that is not ours.
    """
    columns = event_columns(policy) if kind == "events" else people_columns(policy, kind)
    return formats.write(extension, columns)
