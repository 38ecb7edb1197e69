"""Paper: kept by a rule, destroyed by a method of the policy, before a second person, and then for good."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from compliance import duties
from compliance.actions import paper
from compliance.actions.paper import Content, PaperRefused
from compliance.models import LedgerEntry, PaperBatch, Service
from compliance.rules.calendar import Period
from compliance.rules.paper import late_from
from compliance.selectors import policy_values
from tests.tools import board, cast, office

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.servers]
BEFORE = datetime(2028, 6, 10, 3, tzinfo=UTC)
NOW = datetime(2028, 6, 12, 3, tzinfo=UTC)
LATE = datetime(2028, 6, 16, 3, tzinfo=UTC)
STEPS = ("destroy", "witness", "change")
CHECK = "destruction_certified(medium=paper)"


@pytest.fixture(autouse=True)
def cheap_hashing(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def mikmik():
    return cast.service()


@pytest.fixture
def mina(mikmik):
    return cast.officer("mina", mikmik)


@pytest.fixture
def theo(mikmik):
    return cast.officer("theo", mikmik, role="handler")


def complaints(service, actor, **given):
    facts = {
        "label": "Complaints 2025, box 1",
        "rule_code": "complaint_3y",
        "place": "Room 4, cabinet B",
        "quantity": 2,
        "unit": "boxes",
        "first_on": date(2025, 1, 3),
        "last_on": date(2025, 6, 10),
    }
    return paper.register(service, Content(**(facts | given)), actor=actor, now=BEFORE)


def gone(batch, actor, method="shred"):
    return paper.destroy(batch, method=method, destroyed_on=date(2028, 6, 12), actor=actor, now=NOW)


def test_the_last_day_follows_from_the_rule_and_the_newest_sheet(mikmik, mina):
    batch = complaints(mikmik, mina)
    assert batch.due_on == date(2028, 6, 10)
    assert (batch.record_class, batch.clause) == ("complaint_records", "5.2.3")
    assert late_from(batch.due_on, Period.parse("P5D")) == date(2028, 6, 16)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"rule_code": "no_such_rule"}, "unknown_rule"),
        ({"label": "minji@mail.example"}, "names_a_person"),
        ({"last_on": date(2024, 12, 31)}, "ends_before_it_begins"),
        ({"last_on": date(2030, 1, 1)}, "day_ahead"),
    ],
)
def test_a_batch_that_makes_no_sense_is_refused(mikmik, mina, given, reason):
    with pytest.raises(PaperRefused) as refused:
        complaints(mikmik, mina, **given)
    assert refused.value.reason == reason
    assert not PaperBatch.objects.exists()


@pytest.mark.promise("MIK-9.1.2a")
def test_the_bin_is_no_method_and_neither_is_one_of_another_policy(mikmik, mina):
    batch = complaints(mikmik, mina)
    for method in ("bin", "burn", "overwrite"):
        with pytest.raises(PaperRefused, match="method_not_allowed"):
            gone(batch, mina, method)
    assert gone(batch, mina, "chemical").method == "chemical"


def test_nothing_is_destroyed_while_the_rule_keeps_it(mikmik, mina):
    batch = complaints(mikmik, mina)
    with pytest.raises(PaperRefused, match="still_kept"):
        paper.destroy(batch, method="shred", destroyed_on=date(2028, 6, 10), actor=mina, now=BEFORE)


def test_the_witness_is_another_person_and_after_that_nothing_changes(mikmik, mina, theo):
    batch = gone(complaints(mikmik, mina), mina)
    with pytest.raises(PaperRefused, match="own_destruction"):
        paper.witness(batch, actor=mina, now=NOW)
    paper.witness(batch, actor=theo, now=NOW)
    told = LedgerEntry.objects.get(code="compliance.paper.destroyed")
    assert told.data["method"] == "shred"
    with pytest.raises(PaperRefused, match="witnessed_already"):
        paper.take_back(batch, actor=mina, now=NOW)
    row = PaperBatch.objects.filter(pk=batch.pk)
    for change in (lambda: row.update(method="chemical"), lambda: row.delete()):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    assert row.get().method == "shred"


def test_the_database_itself_refuses_the_own_witness(mikmik, mina):
    batch = gone(complaints(mikmik, mina), mina)
    with pytest.raises(IntegrityError), transaction.atomic():
        PaperBatch.objects.filter(pk=batch.pk).update(witness=mina, witnessed_at=NOW)


def test_a_report_taken_back_can_be_made_again(mikmik, mina):
    batch = paper.take_back(gone(complaints(mikmik, mina), mina), actor=mina, now=NOW)
    assert (batch.destroyed_on, batch.method) == (None, "")
    assert gone(batch, mina).destroyed_on == date(2028, 6, 12)


@pytest.mark.promise("MIK-9.1.2a")
def test_the_board_sees_paper_that_stays_too_long_and_paper_without_a_witness(mikmik, mina, theo):
    assert board.verdict(mikmik, CHECK, NOW) == "kept"
    batch = complaints(mikmik, mina)
    assert board.verdict(mikmik, CHECK, BEFORE) == "kept"
    assert board.verdict(mikmik, CHECK, NOW) == "at_risk"
    assert board.verdict(mikmik, CHECK, LATE) == "broken"
    gone(batch, mina)
    assert board.finding(mikmik, CHECK, NOW).evidence[0]["unwitnessed"] == 1
    assert board.verdict(mikmik, CHECK, datetime(2028, 6, 25, tzinfo=UTC)) == "at_risk"
    paper.witness(batch, actor=theo, now=NOW)
    assert board.verdict(mikmik, CHECK, datetime(2028, 6, 25, tzinfo=UTC)) == "kept"


@pytest.mark.promise("LEJ-DES-1")
def test_where_a_policy_is_silent_the_suggested_methods_count_and_say_so():
    leje = cast.service("leje")
    found = board.finding(leje, CHECK, NOW)
    assert (found.verdict, found.evidence[0]["stated"]) == ("kept", False)
    officer = cast.officer("lena", leje)
    rules = policy_values(cast.version(leje)).retention
    code = next(row.code for row in rules if row.period and row.action == "destroy")
    batch = complaints(leje, officer, rule_code=code)
    with pytest.raises(PaperRefused, match="method_not_allowed"):
        gone(batch, officer, "chemical")


def test_due_paper_and_paper_without_witness_are_duties(mikmik, mina):
    batch = complaints(mikmik, mina)
    services = Service.objects.filter(pk=mikmik.pk)

    def mine(now):
        return [
            (one.severity, one.query["state"])
            for one in duties.due(services, now)
            if one.url_name == "admin:compliance_paperbatch_changelist"
        ]

    assert mine(BEFORE) == []
    assert mine(NOW) == [("overdue", "due")]
    gone(batch, mina)
    assert mine(NOW) == [("open", "reported")]


def test_the_office_adds_reports_and_confirms_in_two_sign_ins(mikmik):
    officer, handler = office.officer("officer", mikmik), office.officer("handler", mikmik)
    client, other = office.sign_in(officer), office.sign_in(handler)
    page = client.get(reverse("admin:compliance_paperbatch_add")).content.decode()
    assert "No names of people" in page
    form = {
        "rule": "mikmik:complaint_3y",
        "label": "Complaints 2019",
        "place": "Cellar",
        "quantity": "1",
        "unit": "boxes",
        "first_on": "2019-01-01",
        "last_on": "2019-12-31",
    }
    client.post(reverse("admin:compliance_paperbatch_add"), form)
    batch = PaperBatch.objects.get()
    assert batch.due_on == date(2022, 12, 31)
    step = {name: reverse(f"admin:compliance_paperbatch_{name}", args=[batch.pk]) for name in STEPS}
    page = client.get(step["destroy"]).content.decode()
    assert "Shred" in page and "Burn" not in page
    assert other.get(step["destroy"]).status_code == 403
    refused = client.post(step["destroy"], {"method": "bin", "destroyed_on": "2026-01-05"})
    assert refused.status_code == 200 and "Error:" in refused.content.decode()
    client.post(step["destroy"], {"method": "shred", "destroyed_on": "2026-01-05"})
    assert "somebody else has to confirm" in client.get(step["witness"]).content.decode()
    client.post(step["witness"], {"step": "witness"})
    batch.refresh_from_db()
    assert batch.witness is None
    other.post(step["witness"], {"step": "witness"})
    batch.refresh_from_db()
    assert batch.witness == handler
    shown = client.get(step["change"]).content.decode()
    assert "Paper destroyed before a witness" in shown and "Confirm as witness" not in shown


def test_paper_of_another_service_does_not_exist(mikmik, mina):
    batch = complaints(mikmik, mina)
    stranger = office.sign_in(office.officer("officer", cast.service("engoo")))
    url = reverse("admin:compliance_paperbatch_witness", args=[batch.pk])
    assert stranger.get(url).status_code == 404
