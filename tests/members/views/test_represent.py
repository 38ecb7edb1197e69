"""A child joins: asked at the representative's own address, answered with yes, no or silence, and acted for later."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from compliance import ledger
from compliance.keyring.models import BlindIndex, DataKey
from compliance.models import LedgerEntry
from members import gate
from members.actions import delivery, joining, representative, withdrawal
from members.models import (
    ConsentEvent,
    DataSubject,
    Delivery,
    JoinRefusal,
    LegalRepresentative,
    PendingJoin,
    Record,
)
from tests.tools import cast, joiners, visits

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
MOTHER = "mother@mail.example"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def leje():
    return visits.live("leje")


def ask(client, slug="leje", **more):
    typed = {"old_enough": "no", "representative_email": MOTHER, "name": "", "login_id": ""}
    return joiners.post(
        client, slug, **{**typed, "mobile": "", "email": "", "password": "", **more}
    )


def prove(client, slug="leje", address=MOTHER):
    """The representative proves the address and sees for whom."""
    client.post(visits.at("represent", slug), {"email": address})
    digits = joiners.letter("represent_code")["code"]
    return client.post(visits.at("represent_code", slug), {"code": digits})


def choose(client, slug="leje"):
    one = LegalRepresentative.objects.get()
    return client.post(visits.at("represent_whom", slug), {"for": one.pk.hex})


def agree(client, slug="leje", **more):
    sent = {**joiners.TYPED, **more}
    client.post(visits.at("represent_decide", slug), sent)
    digits = joiners.letter("join_code")["code"]
    return client.post(visits.at("join_code", slug), {"code": digits})


def joined(slug="leje"):
    """A child that is a member, and the browser of its representative."""
    ask(Client(), slug)
    mother = Client()
    prove(mother, slug)
    choose(mother, slug)
    agree(mother, slug)
    return DataSubject.objects.get(), mother


@pytest.mark.promise("LEJ-2.4")
def test_of_a_child_nothing_is_kept_but_what_reaches_the_representative(client, leje):
    answer = ask(client, name="Haneul", login_id="haneul-id", email="haneul@mail.example")
    assert answer.url == visits.at("join_waiting", leje)
    child = DataSubject.objects.get()
    assert (child.status, child.account, child.agreed_version) == ("joining", None, None)
    assert not Record.objects.exists()
    assert not PendingJoin.objects.exists()
    assert not ConsentEvent.objects.exists()
    assert joiners.letter("representative_asked")["address"] == MOTHER
    page = client.get(answer.url).content.decode()
    assert "28 Nov 2026" in page
    assert MOTHER not in page


@pytest.mark.promise("LEJ-2.4")
def test_a_child_without_a_representative_cannot_go_on(client, leje):
    answer = ask(client, representative_email="")
    assert list(answer.context["form"].errors) == ["representative_email"]
    assert not DataSubject.objects.exists()


@pytest.mark.promise("LEJ-2.4")
def test_the_child_is_active_once_the_representative_has_agreed_and_not_before(leje):
    ask(Client())
    mother = Client()
    assert prove(mother).url == visits.at("represent_whom", leje)
    assert choose(mother).url == visits.at("represent_decide", leje)
    page = mother.get(visits.at("represent_decide", leje)).content.decode()
    assert "I agree for the child" in page
    assert "old_enough" not in page
    mother.post(visits.at("represent_decide", leje), joiners.TYPED)
    assert DataSubject.objects.get().status == "joining"
    assert not Record.objects.exists()
    assert joiners.letter("join_code")["address"] == "haneul@mail.example"
    digits = joiners.letter("join_code")["code"]
    assert mother.post(visits.at("join_code", leje), {"code": digits}).url == visits.at(
        "account", leje
    )
    child = DataSubject.objects.get()
    assert (child.status, child.agreed_version) == ("active", cast.version(leje))
    one = LegalRepresentative.objects.get()
    assert (one.state, one.method, one.version) == ("confirmed", "email_code", cast.version(leje))
    assert {e.asked_by for e in ConsentEvent.objects.all()} == {"representative"}
    answered = LedgerEntry.objects.filter(code="members.consent.answered").first()
    assert answered.actor == "representative"
    assert ledger.verify().ok


def test_after_a_yes_the_address_of_the_representative_is_gone_and_a_digest_stays(leje):
    ask(Client())
    contact = LegalRepresentative.objects.get().contact
    assert DataKey.objects.filter(pk=contact).exists()
    mother = Client()
    prove(mother)
    choose(mother)
    agree(mother)
    one = LegalRepresentative.objects.get()
    assert (one.contact, one.sealed) == (None, None)
    assert not DataKey.objects.filter(pk=contact).exists()
    assert BlindIndex.objects.filter(key=one.pk).count() == 1


@pytest.mark.promise("LEJ-2.4")
def test_a_refusal_destroys_everything_and_counts_one(leje):
    child, mother = Client(), Client()
    ask(child)
    prove(mother)
    choose(mother)
    answer = mother.post(visits.at("represent_decide", leje), {"decision": "disagree"})
    assert "was destroyed" in child.get(visits.at("join_waiting", leje)).content.decode()
    assert answer.url == visits.at("join_refused", leje)
    gone()
    assert JoinRefusal.objects.get().count == 1
    assert LedgerEntry.objects.filter(code="members.representative.refused").count() == 1


def gone():
    assert not DataSubject.objects.exists()
    assert not LegalRepresentative.objects.exists()
    assert not BlindIndex.objects.exists()
    assert not PendingJoin.objects.exists()
    assert not Record.objects.exists()


def test_without_an_answer_for_five_days_all_is_destroyed_and_the_representative_is_told(
    leje, clock
):
    ask(Client())
    clock.move_to(NOW + timedelta(days=5, seconds=-1))
    assert representative.end_unanswered(NOW + timedelta(days=5, seconds=-1)).done == 0
    clock.move_to(NOW + timedelta(days=5))
    assert representative.end_unanswered(NOW + timedelta(days=5), dry_run=True).done == 1
    assert LegalRepresentative.objects.exists()
    assert representative.end_unanswered(NOW + timedelta(days=5)).done == 1
    gone()
    assert joiners.letter("representative_unanswered")["address"] == MOTHER
    assert representative.end_unanswered(NOW + timedelta(days=6)).done == 0
    assert Delivery.objects.filter(event="representative_unanswered").count() == 1


def test_a_stranger_sees_the_same_as_a_representative_and_gets_no_mail(leje):
    ask(Client())

    def way(address):
        visitor = Client()
        sent = visitor.post(visits.at("represent", leje), {"email": address})
        page = visitor.get(sent.url)
        wrong = visitor.post(sent.url, {"code": "000000"})
        return [
            (a.status_code, a.headers.get("Location"), joiners_plain(a))
            for a in (sent, page, wrong)
        ]

    assert way(MOTHER) == way("stranger@mail.example")
    assert Delivery.objects.filter(event="represent_code").count() == 1


def joiners_plain(answer):
    token = str(answer.context["csrf_token"]) if answer.context else "-"
    return answer.content.decode().replace(token, "")


@pytest.mark.parametrize(
    "look_alike",
    ["mother@\uff4dail.example", "mothe\u017f@mail.example", "mother@ma\u00ad\u0131l.example"],
)
def test_no_code_leaves_to_an_address_that_only_looks_like_that_of_the_representative(
    leje, look_alike
):
    ask(Client())
    Client().post(visits.at("represent", "leje"), {"email": look_alike})
    sent = delivery.contents_of(list(Delivery.objects.filter(event="represent_code")))
    assert {one["address"] for one in sent.values()} <= {MOTHER}


def test_one_address_is_asked_about_ten_children_an_hour_at_most(leje):
    for _ in range(10):
        assert ask(Client()).status_code == 302
    assert ask(Client()).status_code == 429
    assert ask(Client(), representative_email="father@mail.example").status_code == 302
    assert Delivery.objects.filter(event="representative_asked").count() == 11


def test_nobody_answers_for_a_child_of_somebody_else(leje):
    ask(Client())
    ask(Client(), representative_email="father@mail.example")
    father = Client()
    prove(father, address="father@mail.example")
    hers = LegalRepresentative.objects.order_by("asked_at", "pk")
    mine = [one for one in hers if one in representative.known_at(leje, "father@mail.example")]
    other = next(one for one in hers if one not in mine)
    father.post(visits.at("represent_whom", leje), {"for": other.pk.hex})
    father.post(visits.at("represent_decide", leje), {"decision": "disagree"})
    assert LegalRepresentative.objects.get() == other


@pytest.mark.promise("LEJ-RGT-7")
def test_the_representative_comes_back_by_code_and_sees_chooses_and_leaves_for_the_child(leje):
    child, _ = joined()
    mother = Client()
    prove(mother)
    assert choose(mother).url == visits.at("account", leje)
    assert "haneul@mail.example" in mother.get(visits.at("data", leje)).content.decode()
    account = mother.get(visits.at("account", leje)).content.decode()
    assert "You act as the legal representative" in account
    mother.post(visits.at("choices", leje), {"advertising:email:": "agree"})
    newest = ConsentEvent.objects.order_by("pk").last()
    assert (newest.purpose, newest.asked_by) == ("advertising", "representative")
    mother.post(visits.at("withdraw", leje))
    child.refresh_from_db()
    assert child.status in ("leaving", "withdrawn")
    codes = ["members.representative.signed_in", "members.withdrawal.requested"]
    actors = dict(LedgerEntry.objects.filter(code__in=codes).values_list("code", "actor"))
    assert actors == dict.fromkeys(codes, "representative")


@pytest.mark.promise("LEJ-RGT-7")
def test_nobody_acts_for_a_child_any_more_once_the_representative_is_gone(leje):
    child, mother = joined()
    assert visits.is_signed_in(mother, leje)
    LegalRepresentative.objects.filter(subject=child).delete()
    assert not visits.is_signed_in(mother, leje)


def test_leaving_destroys_what_is_known_of_the_representative(leje):
    child, _ = joined()
    one = LegalRepresentative.objects.get()
    left = withdrawal.request(child, channel="web", actor=None, now=NOW)
    withdrawal.carry_out(left, now=NOW)
    assert not LegalRepresentative.objects.exists()
    assert not BlindIndex.objects.filter(key=one.pk).exists()
    assert not representative.known_at(leje, MOTHER)


def test_a_child_that_waits_is_found_by_no_sign_in_and_no_gate(client, leje):
    ask(client)
    child = DataSubject.objects.get()
    assert gate.own_values(child) == {}
    visits.ask(Client(), MOTHER, leje)
    assert not Delivery.objects.filter(event="sign_in_code").exists()


def test_the_code_of_the_child_alone_opens_nothing_for_another_browser(leje):
    ask(Client())
    mother, thief = Client(), Client()
    prove(mother)
    choose(mother)
    mother.post(visits.at("represent_decide", leje), joiners.TYPED)
    digits = joiners.letter("join_code")["code"]
    assert thief.post(visits.at("join_code", leje), {"code": digits}).url == visits.at("join", leje)
    assert DataSubject.objects.get().status == "joining"


@pytest.mark.promise("LEJ-2.4")
def test_a_code_that_comes_after_the_proof_of_the_representative_is_over_makes_no_member(
    leje, clock
):
    ask(Client())
    mother = Client()
    prove(mother)
    choose(mother)
    clock.shift(timedelta(minutes=25))
    mother.post(visits.at("represent_decide", leje), joiners.TYPED)
    clock.shift(timedelta(minutes=6))
    digits = joiners.letter("join_code")["code"]
    answer = mother.post(visits.at("join_code", leje), {"code": digits})
    assert answer.url == visits.at("join", leje)
    assert DataSubject.objects.get().status == "joining"
    assert LegalRepresentative.objects.get().state == "asked"
    assert not Record.objects.exists()
    prove(mother)
    choose(mother)
    assert agree(mother).url == visits.at("account", leje)


@pytest.mark.promise("LEJ-2.4")
def test_a_stop_in_the_last_step_leaves_no_item_of_the_child_for_longer_than_an_hour(
    leje, monkeypatch
):
    def stop(*args, **kwargs):
        raise KeyboardInterrupt

    ask(Client())
    mother = Client()
    prove(mother)
    choose(mother)
    with monkeypatch.context() as patch:
        patch.setattr(joining, "_open", stop)
        with pytest.raises(KeyboardInterrupt):
            agree(mother)
    assert Record.objects.exists()
    joining.destroy_abandoned(NOW + timedelta(minutes=61))
    assert not Record.objects.exists()
    assert LegalRepresentative.objects.get().subject.status == "joining"


def test_a_stop_in_the_last_step_and_another_try_keep_each_item_once(leje, monkeypatch):
    def stop(*args, **kwargs):
        raise KeyboardInterrupt

    ask(Client())
    mother = Client()
    prove(mother)
    choose(mother)
    with monkeypatch.context() as patch:
        patch.setattr(joining, "_open", stop)
        with pytest.raises(KeyboardInterrupt):
            agree(mother)
    held = Record.objects.count()
    agree(mother)
    assert DataSubject.objects.get().status == "active"
    assert Record.objects.count() == held


def test_a_service_without_an_age_asks_nobody(client):
    visits.live("krainpop")
    form = client.get(visits.at("join", "krainpop")).context["form"]
    assert "old_enough" not in form.fields
