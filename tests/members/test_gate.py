"""The gate to values: what it lets through, what it refuses, and what it costs."""

from datetime import UTC, datetime

import pytest

from compliance.keyring import sealing
from compliance.models import LedgerEntry
from members import gate
from members.actions import consent
from members.models import Restriction
from tests.tools import cast

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)


def test_a_contract_purpose_gets_the_value():
    minji = cast.member(cast.service())
    got = gate.values(minji, "contract_contact", ["email", "mobile"], actor=None, now=NOW)
    assert got == {"email": "minji@mail.example", "mobile": "010-2345-6789"}


@pytest.mark.promise("MIK-3.1b")
def test_a_marketing_purpose_gets_nothing_without_an_agreement():
    minji = cast.member(cast.service())
    decision = gate.may_use(minji, "recommendations", ["email"], now=NOW)
    assert not decision.allowed
    assert decision.refused[0].reason_code == "consent_missing"
    assert gate.values(minji, "recommendations", ["email"], actor=None, now=NOW) == {}


def test_an_agreement_opens_and_a_withdrawal_closes():
    minji = cast.member(cast.service())
    answer(minji, "agreed")
    assert gate.values(minji, "recommendations", ["email"], actor=None, now=NOW)
    answer(minji, "withdrawn")
    assert gate.values(minji, "recommendations", ["email"], actor=None, now=NOW) == {}


@pytest.mark.promise("MIK-7.2")
def test_a_disputed_item_is_refused_from_that_second():
    minji = cast.member(cast.service())
    Restriction.objects.create(subject=minji, ground="open_dispute", items=["email"], began_at=NOW)
    assert set(
        gate.values(minji, "contract_contact", ["email", "mobile"], actor=None, now=NOW)
    ) == {"mobile"}


def test_an_item_the_policy_does_not_know_is_refused():
    minji = cast.member(cast.service())
    decision = gate.may_use(minji, "contract_contact", ["shoe_size"], now=NOW)
    assert decision.refused[0].reason_code == "item_unknown"


def test_an_audience_costs_the_same_number_of_queries_for_two_and_for_twenty(
    django_assert_max_num_queries,
):
    mikmik = cast.service()
    people = [cast.member(mikmik, f"person{n}", mobile=f"010-1111-{n:04}") for n in range(20)]
    for some in (people[:2], people):
        with django_assert_max_num_queries(7):
            given = gate.audience(some, "policy_notice", ["email"], service=mikmik, now=NOW)
        assert [given[one.pk].values["email"] for one in some] == [
            f"person{n}@mail.example" for n in range(len(some))
        ]


def test_a_reveal_is_recorded_with_item_and_purpose_and_without_the_value():
    mikmik = cast.service()
    minji, officer = cast.member(mikmik), cast.officer("sora", mikmik)
    decision, value = gate.reveal(minji, "complaint_handling", "email", actor=officer, now=NOW)
    assert decision.allowed and value == "minji@mail.example"
    entry = LedgerEntry.objects.order_by("-seq")[0]
    assert entry.code == "members.item.revealed"
    assert entry.data == {"item": "email", "purpose": "complaint_handling"}
    assert entry.actor == officer.username


def answer(minji, what):
    consent.answer(
        minji,
        purpose="recommendations",
        answer=what,
        version=cast.version(minji.service),
        asked_by="web",
        language="ko",
        text_hash="0" * 64,
        actor=None,
        now=NOW,
    )


def test_a_damaged_record_says_so_on_pages_and_hides_nobody_else():
    service = cast.service()
    minji, sora = cast.member(service), cast.member(service, "sora")
    damaged = minji.records.first()
    sealed = bytearray(damaged.sealed)
    sealed[len(sealed) // 2] ^= 1
    minji.records.filter(pk=damaged.pk).update(sealed=bytes(sealed))
    assert set(gate.own_values(minji)[damaged.pk].values()) == {gate.UNREADABLE}
    shown = gate.masked_page([minji, sora], ["email"])
    assert shown[minji.pk]["email"] == gate.UNREADABLE
    assert shown[sora.pk]["email"] == "so***@mail.example"
    with pytest.raises(sealing.Unreadable):
        gate.values(minji, "contract_contact", ["email"], actor=None, now=NOW)
