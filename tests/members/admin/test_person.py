"""The page of one person: masked everywhere, revealed one value at a time, told by the ledger."""

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from compliance.models import LedgerEntry
from compliance.selectors import policy_values
from members.actions import record, restriction
from members.admin.person_page import TABS
from members.models import DataSubject, Record
from tests.tools import cast, office, visits

pytestmark = pytest.mark.django_db(databases="__all__")
MARKER = "Xyzzyplugh"


def page(person, tab="overview"):
    return reverse("admin:members_member_change", args=[person.pk]) + f"?tab={tab}"


def reveal_url(person, item):
    found = next(one for one in Record.objects.filter(subject=person) if item in one.item_codes)
    return reverse("admin:reveal", args=["record", str(found.pk), item])


def test_no_tab_shows_a_raw_value(client, mikmik, named):
    person = named(f"{MARKER} Kim", email=f"{MARKER}@mail.example")
    record.keep(
        person,
        {"complaint_records": f"{MARKER} complained"},
        occurred_at=cast.JOINED,
        anchors={"case_closed": "2026-06-10"},
        source="orders",
        policy=policy_values(cast.version(mikmik)),
        actor=None,
        now=cast.JOINED,
    )
    for tab in TABS:
        answer = client.get(page(person, tab))
        assert answer.status_code == 200
        assert MARKER.lower() not in answer.content.decode().lower(), tab
        assert person.public_id not in answer.content.decode()
        assert b"style=" not in answer.content


def test_data_held_says_why_from_where_and_until_when(client, minji):
    answer = client.get(page(minji, "data")).content.decode()
    assert "mi***@mail.example" in answer and "010-****-6789" in answer
    assert "5.2.2" in answer
    assert answer.count("Reveal") >= 4


def test_a_handler_sees_masked_values_without_buttons(mikmik, minji):
    handler = office.sign_in(office.officer("handler", mikmik))
    answer = handler.get(page(minji, "data")).content.decode()
    assert "mi***@mail.example" in answer
    assert "Reveal" not in answer
    assert handler.get(reveal_url(minji, "email")).status_code == 403


def test_a_reveal_needs_a_purpose_and_is_written_to_the_ledger(client, minji):
    url = reveal_url(minji, "email")
    asked = client.get(url)
    assert "minji@mail.example" not in asked.content.decode()
    before = LedgerEntry.objects.filter(code="members.item.revealed").count()
    assert client.post(url, {}).status_code == 200
    assert LedgerEntry.objects.filter(code="members.item.revealed").count() == before
    purposes = [one[0] for one in asked.context["form"].fields["purpose"].choices]
    shown = [client.post(url, {"purpose": purpose}) for purpose in purposes]
    given = [answer for answer in shown if answer.status_code == 200]
    assert given and all("minji@mail.example" in answer.content.decode() for answer in given)
    entry = LedgerEntry.objects.filter(code="members.item.revealed").order_by("-seq").first()
    assert entry.data["item"] == "email" and entry.actor != "system"
    assert "minji@" not in str(entry.data)
    refused = [answer for answer in shown if answer.status_code == 409]
    assert LedgerEntry.objects.filter(code="members.item.reveal_refused").count() == len(refused)
    assert "One value seen by an officer" in client.get(page(minji, "timeline")).content.decode()


def test_the_value_of_the_chosen_record_is_shown_not_the_newest(client, mikmik, minji):
    policy = policy_values(cast.version(mikmik))
    old = Record.objects.get(subject=minji, record_class="complaint_records")
    record.keep(
        minji,
        {"complaint_records": "A newer complaint"},
        occurred_at=cast.JOINED.replace(year=2026),
        anchors={},
        source="orders",
        policy=policy,
        actor=None,
        now=cast.JOINED.replace(year=2026),
    )
    url = reverse("admin:reveal", args=["record", str(old.pk), "complaint_records"])
    purposes = [one[0] for one in client.get(url).context["form"].fields["purpose"].choices]
    answers = [client.post(url, {"purpose": purpose}).content.decode() for purpose in purposes]
    assert any("Wrong size" in answer for answer in answers)
    assert not any("A newer complaint" in answer for answer in answers)


@pytest.mark.parametrize("object_id", ["x", "00000000-0000-0000-0000-000000000000"])
def test_nothing_is_revealed_that_is_not_there(client, minji, object_id):
    url = reverse("admin:reveal", args=["record", object_id, "email"])
    assert client.get(url).status_code == 404
    known = Record.objects.filter(subject=minji).first()
    assert (
        client.get(reverse("admin:reveal", args=["record", str(known.pk), "ci"])).status_code == 404
    )


def test_looking_changes_nothing_and_posting_to_the_page_is_refused(client, minji):
    entries = LedgerEntry.objects.count()
    for tab in TABS:
        client.get(page(minji, tab))
    client.get(reverse("admin:members_member_withdraw", args=[minji.pk]))
    client.get(reverse("admin:members_member_hold", args=[minji.pk]))
    assert LedgerEntry.objects.count() == entries
    assert client.post(page(minji), {"status": "withdrawn"}).status_code == 403
    minji.refresh_from_db()
    assert minji.status == DataSubject.Status.ACTIVE


def test_a_hold_on_everything_stops_the_use_and_shows_until_it_is_lifted(client, minji, now):
    url = reverse("admin:members_member_hold", args=[minji.pk])
    assert client.post(url, {"ground": "open_dispute"}).status_code == 200
    form = {
        "ground": "open_dispute",
        "blocks_use": "on",
        "blocks_destruction": "on",
        "review_on": "2026-12-01",
    }
    client.post(url, form)
    minji.refresh_from_db()
    hold = minji.restrictions.get()
    assert minji.status == DataSubject.Status.RESTRICTED and hold.items == []
    assert "Accuracy disputed" in client.get(page(minji)).content.decode()
    client.post(reverse("admin:members_restriction_lift", args=[hold.pk]))
    client.post(reverse("admin:members_restriction_lift", args=[hold.pk]))
    minji.refresh_from_db()
    assert minji.status == DataSubject.Status.ACTIVE
    codes = LedgerEntry.objects.filter(code__startswith="members.restriction.").order_by("seq")
    assert [one.code for one in codes] == [
        "members.restriction.placed",
        "members.restriction.lifted",
    ]
    assert not LogEntry.objects.exists()


def test_a_hold_on_one_item_leaves_the_status_alone_and_refuses_its_reveal(client, minji, now):
    restriction.place(minji, ground="open_dispute", items=["email"], actor=None, now=now)
    minji.refresh_from_db()
    assert minji.status == DataSubject.Status.ACTIVE
    url = reveal_url(minji, "email")
    purpose = client.get(url).context["form"].fields["purpose"].choices[0][0]
    answer = client.post(url, {"purpose": purpose})
    assert answer.status_code == 409
    assert "minji@mail.example" not in answer.content.decode()


def test_a_hold_without_effect_and_a_hold_on_a_leaver_are_refused(minji, now):
    with pytest.raises(restriction.NotPossible, match="holds_nothing"):
        restriction.place(
            minji,
            ground="objection",
            blocks_use=False,
            blocks_destruction=False,
            actor=None,
            now=now,
        )
    DataSubject.objects.filter(pk=minji.pk).update(status="leaving", left_at=now)
    with pytest.raises(restriction.NotPossible, match="nothing_kept"):
        restriction.place(minji, ground="objection", actor=None, now=now)


@pytest.mark.promise("MIK-5.2.4")
def test_the_officer_reads_one_sentence_for_each_item_at_the_same_cost_for_two_hundred_records(
    client, minji
):
    text = client.get(page(minji, "data")).content.decode()
    assert "Kept while the membership lasts because clause 5.1 says so. On leaving" in text
    assert (
        "Kept until 6 May 2030 (counted from 6 May 2025) at least, and while the membership" in text
    )
    with CaptureQueriesContext(connection) as few:
        client.get(page(minji, "data"))
    visits.many_orders(minji, 200)
    with CaptureQueriesContext(connection) as many:
        client.get(page(minji, "data"))
    assert len(many) == len(few)


def test_a_hold_on_one_item_is_told_for_its_record_only(client, minji, now):
    restriction.place(minji, ground="legal_request", items=["payment_records"], actor=None, now=now)
    text = client.get(page(minji, "data")).content.decode()
    assert text.count("Kept for as long as a legal request is open.") == 1
