"""Checks whether the rows of a policy file make sense together, table by table."""

from collections.abc import Iterator
from itertools import product
from math import prod

from compliance.rules import policy_cookies
from compliance.rules.policy_fields import CheckedRow, Fault, shown
from compliance.rules.policy_references import Found, Read

Triple = tuple[str, str, str]
_FACTORS = ("items", "purposes", "subjects")
MOST_COMBINATIONS = 20_000


def faults(policy: Read) -> Found:
    """Yield contradictions inside and between rows; a row with a faulty field is given credit."""
    yield from _service(policy.single["service"], policy)
    for row in policy.rows["items"]:
        yield from _item(row)
    for row in policy.rows["purposes"]:
        yield from _purpose(row)
    yield from _uses(policy)
    yield from _unused(policy)
    for row in policy.rows["retention"]:
        yield from _retention(row, policy)
    yield from _unheld(policy)
    for row in policy.rows["recipients"]:
        yield from _recipient(row, policy)
    yield from policy_cookies.faults(policy)


def _service(row: CheckedRow, policy: Read) -> Found:
    slug = row.get("slug")
    if not slug:
        return
    for clause in policy.rows["clauses"]:
        ident = clause.get("id")
        if ident and not ident.startswith(f"{slug}-"):
            yield clause, "id", Fault("id_without_slug", {"value": shown(ident), "slug": slug})


def _item(row: CheckedRow) -> Found:
    if row.get("sensitive") is True:
        yield row, "sensitive", Fault("sensitive_item")
    seen: set[str] = set()
    for number, entry in enumerate(row.members("subjects"), start=1):
        if entry["kind"] in seen:
            found = {"value": entry["kind"]}
            yield row, f"subjects[{number}].kind", Fault("subject_twice", found)
        seen.add(entry["kind"])
        automatic = entry["requirement"] == "automatic"
        if row.sure("auto") and automatic != row.get("auto"):
            yield row, f"subjects[{number}].requirement", Fault("auto_disagrees")


def _purpose(row: CheckedRow) -> Found:
    if row.sure("basis") and row.get("separate_consent") and row.get("basis") != "consent":
        yield row, "basis", Fault("separate_consent_other_basis")


def _kinds(policy: Read) -> dict[str, frozenset[str]]:
    """``{item code: kinds of subject it is declared for}`` for items whose subjects are sound."""
    return {
        row.get("code"): frozenset(entry["kind"] for entry in row.members("subjects"))
        for row in policy.rows["items"]
        if row.sure("code", "subjects")
    }


def _triples(row: CheckedRow) -> Iterator[Triple]:
    yield from product(*(row.members(name) for name in _FACTORS))


def _uses(policy: Read) -> Found:
    kinds, seen = _kinds(policy), set[tuple[Triple, str]]()
    separate = {p.get("code") for p in policy.rows["purposes"] if p.get("separate_consent")}
    for row in policy.rows["uses"]:
        yield from _undeclared(row, kinds)
        if prod(len(row.members(name)) for name in _FACTORS) > MOST_COMBINATIONS:
            yield row, "items", Fault("too_many", {"limit": str(MOST_COMBINATIONS)})
            continue
        for triple in _triples(row):
            key = (triple, row.get("clause") or "")
            if key in seen:
                yield row, "items", Fault("duplicate_use", {"value": " / ".join(triple)})
            seen.add(key)
        for purpose in row.members("purposes"):
            if purpose in separate and row.get("needs_consent") is False:
                yield row, "needs_consent", Fault("use_without_consent", {"value": purpose})


def _undeclared(row: CheckedRow, kinds: dict[str, frozenset[str]]) -> Found:
    for item, subject in product(row.members("items"), row.members("subjects")):
        if item in kinds and subject not in kinds[item]:
            found = {"value": item, "subject": subject}
            yield row, "items", Fault("item_not_declared", found)


def _unused(policy: Read) -> Found:
    if not policy.sure("uses", "items", "purposes"):
        return
    items = {code for row in policy.rows["uses"] for code in row.members("items")}
    purposes = {code for row in policy.rows["uses"] for code in row.members("purposes")}
    for row in policy.rows["items"]:
        reason = row.get("unused_reason")
        if not row.sure("code") or "unused_reason" in row.unsound:
            continue
        if row.get("code") not in items and not reason:
            yield row, "unused_reason", Fault("item_without_use")
        elif row.get("code") in items and reason:
            yield row, "unused_reason", Fault("used_with_reason")
    for row in policy.rows["purposes"]:
        if row.sure("code") and row.get("items_stated") and row.get("code") not in purposes:
            yield row, "items_stated", Fault("purpose_without_use")


def _retention(row: CheckedRow, policy: Read) -> Found:
    yield from _none_of_the_subjects(row, _kinds(policy))
    if "period" not in row.present and not row.get("note") and "note" not in row.unsound:
        yield row, "period", Fault("no_period_no_note")
    if row.get("basis") == "statutory" and row.sure("period") and _absent(row, "law"):
        yield row, "law", Fault("statutory_without_law")
    without_purpose = row.sure("allowed_purposes") and not row.get("allowed_purposes")
    if row.get("storage") == "separate" and without_purpose:
        yield row, "allowed_purposes", Fault("separate_without_purposes")
    if row.get("mandatory") and row.get("rule") == "maximum":
        yield row, "mandatory", Fault("mandatory_maximum")


def _absent(row: CheckedRow, name: str) -> bool:
    return not row.get(name) and name not in row.unsound


def _none_of_the_subjects(row: CheckedRow, kinds: dict[str, frozenset[str]]) -> Found:
    if not row.sure("subjects"):
        return
    for item in row.members("items"):
        if item in kinds and kinds[item].isdisjoint(row.members("subjects")):
            yield row, "items", Fault("item_of_no_subject", {"value": item})


def _unheld(policy: Read) -> Found:
    if not policy.sure("retention", "items"):
        return
    held = {code for row in policy.rows["retention"] for code in row.members("items")}
    for row in policy.rows["items"]:
        if row.sure("code") and row.get("code") not in held:
            yield row, "code", Fault("item_without_retention")


def _recipient(row: CheckedRow, policy: Read) -> Found:
    if ("period" in row.present) != ("trigger" in row.present):
        missing = "trigger" if "period" in row.present else "period"
        yield row, missing, Fault("period_and_trigger")
    if row.get("kind") == "aggregate_only" and row.members("items"):
        yield row, "items", Fault("aggregate_with_items")
    outside = row.get("kind") in {"third_party", "tracker"} and row.get("stated")
    if outside and row.get("separate_consent") is False:
        yield row, "separate_consent", Fault("third_party_without_consent")
    if row.get("stated"):
        yield from _never_permitted(row, policy)


def _never_permitted(row: CheckedRow, policy: Read) -> Found:
    sure = row.sure("purposes", "subjects") and policy.sure("uses", "items", "purposes", "subjects")
    known = policy.codes("purposes").issuperset(row.members("purposes"))
    if not sure or not known:
        return
    wanted = set(product(row.members("purposes"), row.members("subjects")))
    for item in row.members("items"):
        if item in policy.codes("items") and not _permitted(item, wanted, policy):
            yield row, "items", Fault("recipient_without_use", {"value": item})


def _permitted(item: str, wanted: set[tuple[str, str]], policy: Read) -> bool:
    return any(
        item in row.members("items")
        and not wanted.isdisjoint(product(row.members("purposes"), row.members("subjects")))
        for row in policy.rows["uses"]
    )
