"""My requests: how far each is, what was written, and the use that a person stops and allows again."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from compliance import ledger, sweeps
from compliance.keyring.models import DataKey
from compliance.models import LedgerEntry
from compliance.selectors import policy_values
from members import copy_contents, gate, request_texts
from members.actions import record, rights_request
from members.models import Delivery, Record, RequestMessage, Restriction, RightsRequest
from tests.tools import cast, visits

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as moved:
        yield moved


@pytest.fixture
def minji(client):
    found = cast.member(visits.live())
    visits.sign_in(client, "minji-id")
    return found


def disputed(subject, **more):
    return rights_request.receive(
        subject,
        "rectification",
        channel="phone",
        items=["mobile"],
        text="Her number is another one",
        actor=more.pop("actor", None),
        now=NOW,
        **more,
    )


def page_of(client, asked):
    return client.get(visits.at("request", asked.service, asked.reference)).content.decode()


def comment(client, asked, text):
    url = visits.at("request", asked.service, asked.reference)
    return client.post(url, {"text": text}, follow=True).content.decode()


def test_the_list_tells_reference_kind_state_and_day(client, minji):
    asked = disputed(minji)
    page = client.get(visits.at("requests")).content.decode()
    for words in (asked.reference, "Correct", "We work on it.", "24 Nov 2026 12:00 KST"):
        assert words in page
    assert "Nothing" not in client.get(visits.at("account")).content.decode()


def test_a_comment_is_sealed_and_stands_on_the_page(client, minji):
    asked = disputed(minji)
    assert "It is number 7" in comment(client, asked, "It is number 7")
    row = RequestMessage.objects.get(role="comment")
    assert b"number 7" not in bytes(row.sealed)
    assert DataKey.objects.filter(id=row.pk).exists()
    assert ledger.verify().ok


def test_a_reply_ends_the_waiting(client, minji):
    officer = cast.officer("dana", minji.service)
    asked = disputed(minji)
    rights_request.ask_back(asked, "Which number is it?", actor=officer, now=NOW)
    assert "wait for your reply" in page_of(client, asked)
    assert Delivery.objects.get(event="request_question").state == "pending"
    comment(client, asked, "010-1")
    asked.refresh_from_db()
    assert asked.state == "open"
    assert "Which number is it?" in page_of(client, asked)


def test_a_closed_request_takes_no_comment(client, minji):
    officer = cast.officer("dana", minji.service)
    asked = disputed(minji, identity="called_back")
    rights_request.refuse(asked, "value_is_right", actor=officer, now=NOW)
    assert "This request is closed" in comment(client, asked, "But no")
    page = page_of(client, asked)
    assert "what we hold is right" in page and "data protection authority" in page


def test_notes_of_the_office_are_not_shown_to_the_person(client, minji):
    officer = cast.officer("dana", minji.service)
    asked = disputed(minji)
    rights_request.comment(asked, "Called twice", actor=officer, now=NOW)
    assert "Called twice" not in page_of(client, asked)
    assert any(one.text == "Called twice" for one in request_texts.of_request(asked))


def test_nobody_reads_the_request_of_another(client, minji):
    hana = cast.member(minji.service, "hana", mobile="010-9999-0000")
    theirs = disputed(hana)
    url = visits.at("request", minji.service, theirs.reference)
    assert client.get(url).status_code == 404
    assert client.post(url, {"text": "mine"}).status_code == 404
    assert theirs.reference not in client.get(visits.at("requests")).content.decode()
    hold = Restriction.objects.get(subject=hana)
    assert client.post(visits.at("use_again", minji.service, hold.pk)).status_code == 404
    assert RequestMessage.objects.filter(role="comment").count() == 0


def test_late_is_said_plainly(client, minji, clock):
    asked = disputed(minji)
    clock.move_to(NOW + timedelta(days=1, minutes=1))
    visits.sign_in(client, "minji-id")
    assert "We are late with it" in page_of(client, asked)


def test_what_is_stopped_is_used_for_nothing_until_the_person_allows_it(client, minji):
    page = client.post(visits.at("stop"), {"items": ["mobile"]}, follow=True).content.decode()
    assert "what you named is not used any more" in page
    use = ("contract_contact", ["mobile", "email"])
    assert set(gate.values(minji, *use, actor=None, now=NOW)) == {"email"}
    assert Delivery.objects.get(event="use_stopped").state == "pending"
    hold = Restriction.objects.get()
    assert (hold.ground, hold.blocks_destruction) == ("objection", False)
    page = client.post(visits.at("use_again", minji.service, hold.pk), follow=True)
    assert "It is used again" in page.content.decode()
    assert set(gate.values(minji, *use, actor=None, now=NOW)) == {"mobile", "email"}


def test_everything_is_stopped_by_one_button(client, minji):
    client.post(visits.at("stop"), {"everything": "yes"})
    minji.refresh_from_db()
    assert minji.status == "restricted"
    asked = RightsRequest.objects.get()
    assert (asked.kind, asked.state, asked.items) == ("objection", "done", [])
    assert gate.values(minji, "contract_contact", ["mobile"], actor=None, now=NOW) == {}
    page = client.get(visits.at("data")).content.decode()
    assert "Nothing of this is used at present" in page


def test_stopping_twice_is_one_request(client, minji):
    for _ in range(2):
        client.post(visits.at("stop"), {"items": ["mobile"]})
        client.post(visits.at("stop"), {"everything": "yes"})
    assert RightsRequest.objects.count() == Restriction.objects.count() == 2
    Restriction.objects.update(ended_at=NOW)
    client.post(visits.at("stop"), {"items": ["mobile"]})
    assert Restriction.objects.count() == 3


def test_what_was_written_is_in_the_copy_of_ones_data(client, minji):
    officer = cast.officer("dana", minji.service)
    asked = disputed(minji)
    comment(client, asked, "It is number 7")
    rights_request.comment(asked, "Called twice", actor=officer, now=NOW)
    table = copy_contents.gather(minji, now=NOW).tables["request_texts"]
    assert {row["text"] for row in table} == {"Her number is another one", "It is number 7"}
    assert {row["reference"] for row in table} == {asked.reference}


def test_ticking_nothing_asks_again(client, minji):
    page = client.post(visits.at("stop"), {}).content.decode()
    assert "Tick at least one" in page
    assert not RightsRequest.objects.exists()


def test_a_dispute_is_not_ended_by_its_own_person(client, minji):
    disputed(minji)
    hold = Restriction.objects.get()
    page = client.post(visits.at("use_again", minji.service, hold.pk), follow=True)
    assert "not one that you asked for" in page.content.decode()
    hold.refresh_from_db()
    assert hold.ended_at is None


def test_texts_go_with_their_person_and_the_request_stays(client, minji):
    asked = disputed(minji)
    comment(client, asked, "It is number 7")
    keys = list(RequestMessage.objects.values_list("pk", flat=True))
    assert len(keys) == 2
    Restriction.objects.update(ended_at=NOW)
    client.post(visits.at("withdraw"))
    assert not RequestMessage.objects.exists()
    assert not DataKey.objects.filter(id__in=keys).exists()
    assert RightsRequest.objects.filter(pk=asked.pk).exists()


def test_the_ledger_never_holds_what_was_written(client, minji):
    asked = disputed(minji)
    comment(client, asked, "It is number 7")
    text = str(list(LedgerEntry.objects.values_list("data", flat=True)))
    assert "number 7" not in text and "another one" not in text and "mobile" in text


def test_a_person_without_the_page_of_a_service_in_force_gets_404(client, minji):
    assert client.get(visits.at("request", minji.service, "NOSUCH")).status_code == 404


@pytest.mark.promise("MIK-5.2.5")
def test_a_member_has_old_records_destroyed_and_stays(client, minji):
    old = order(minji, "2019-03-02")
    order(minji, "2025-03-02")
    page = client.get(visits.at("erase")).content.decode()
    assert "Destroy it" in page and "Stays" in page
    shown = client.post(visits.at("erase"), follow=True).content.decode()
    assert "2030" in shown
    assert sweeps.run("retention.destroy", NOW).done >= 1
    assert not Record.objects.filter(pk=old.pk).exists()
    assert Record.objects.filter(subject=minji, item_codes=["contract_records"]).count() == 1
    again = client.post(visits.at("erase")).content.decode()
    assert "Nothing is past its period" in again
    assert RightsRequest.objects.filter(kind="erasure").count() == 1


def order(person, day):
    return record.keep(
        person,
        {"contract_records": f"Order of {day}"},
        occurred_at=datetime.fromisoformat(f"{day}T03:00").replace(tzinfo=UTC),
        source="orders",
        anchors={"contract": day},
        policy=policy_values(cast.version(person.service)),
        actor=None,
        now=NOW,
    )[0]
