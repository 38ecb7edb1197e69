"""A disputed item is refused on every way out of the house, from the second the dispute is registered."""

from datetime import UTC, datetime

import pytest
from django.utils import translation

from members import gate
from members.actions import consent, delivery, rectification, rights_request
from members.models import Delivery
from tests.tools import cast, visits

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.servers]
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def minji():
    return cast.member(visits.live())


def disputed(subject, item="email"):
    return rights_request.receive(
        subject, "rectification", channel="phone", items=[item], text="wrong",
        identity="called_back", actor=None, now=NOW,
    )  # fmt: skip


@pytest.mark.promise("MIK-7.2", "LEJ-RGT-4")
def test_a_campaign_skips_the_person_and_says_why(minji):
    consent.answer(
        minji, purpose="recommendations", answer="agreed", version=cast.version(minji.service),
        asked_by="web", language="ko", text_hash="0" * 64, actor=None, now=NOW,
    )  # fmt: skip
    people = {"service": minji.service, "now": NOW}
    assert gate.audience([minji], "recommendations", ["email"], **people)[minji.pk].values
    disputed(minji)
    given = gate.audience([minji], "recommendations", ["email"], **people)[minji.pk]
    assert given.values == {}
    assert given.decision.refused[0].reason_code == "restricted"


@pytest.mark.promise("MIK-7.2")
def test_an_officer_sees_a_disputed_value_for_no_purpose(minji):
    officer = cast.officer("dana", minji.service)
    assert gate.reveal(minji, "complaint_handling", "email", actor=officer, now=NOW)[1]
    disputed(minji)
    decision, value = gate.reveal(minji, "complaint_handling", "email", actor=officer, now=NOW)
    assert (decision.allowed, value) == (False, None)


@pytest.mark.promise("MIK-7.2")
def test_a_confirmation_that_is_no_answer_does_not_go_to_a_disputed_address(minji):
    disputed(minji)
    figures = {"changed_at": NOW.isoformat(), "changed": []}
    row = delivery.plan_receipt(
        minji, "choices_changed", "r1", language="en", figures=figures, now=NOW
    )
    assert (row.state, row.result) == ("refused", "restricted")
    assert Delivery.objects.get(event="use_stopped").state == "pending"


@pytest.mark.promise("LEJ-RGT-4")
def test_corrected_the_next_use_takes_the_new_value(minji):
    request = disputed(minji, "mobile")
    assert gate.values(minji, "contract_contact", ["mobile"], actor=None, now=NOW) == {}
    officer = cast.officer("dana", minji.service)
    rectification.decide(request, {"mobile": "01098765432"}, actor=officer, now=NOW)
    assert gate.values(minji, "contract_contact", ["mobile"], actor=None, now=NOW) == {
        "mobile": "01098765432"
    }


@pytest.mark.promise("MIK-10.4")
def test_a_purchaser_without_account_is_protected_the_same_way(minji):
    guest = visits.purchaser(minji.service, "A-100")
    before = gate.may_use(guest, "contract_contact", ["email"], now=NOW)
    disputed(guest)
    after = gate.may_use(guest, "contract_contact", ["email"], now=NOW)
    assert before.allowed_items == ("email",)
    assert (after.allowed_items, after.refused[0].reason_code) == ((), "restricted")


def test_a_value_changed_meanwhile_is_not_overwritten(minji):
    one = next(one for one in minji.records.all() if "mobile" in one.item_codes)
    rectification.change_own(minji, one.pk, "mobile", "01011112222", now=NOW)
    with pytest.raises(rectification.NotPossible, match="not_held"):
        rectification.change_own(minji, one.pk, "mobile", "01033334444", now=NOW)


def test_a_stop_between_sealing_and_the_answer_leaves_a_request_that_can_be_decided_again(
    minji, monkeypatch
):
    request = disputed(minji, "mobile")
    officer = cast.officer("dana", minji.service)

    def stop(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(rights_request, "close", stop)
        with pytest.raises(KeyboardInterrupt):
            rectification.decide(request, {"mobile": "01098765432"}, actor=officer, now=NOW)
    request.refresh_from_db()
    assert request.state == "open"
    assert gate.values(minji, "contract_contact", ["mobile"], actor=None, now=NOW) == {}
    rectification.decide(request, {"mobile": "01098765432"}, actor=officer, now=NOW)
    assert gate.values(minji, "contract_contact", ["mobile"], actor=None, now=NOW)
