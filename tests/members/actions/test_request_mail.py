"""Messages about requests: complete in text and HTML, in three languages, with names of items and no value."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from django.utils import translation

from members import emails, gate
from members.actions import delivery, new_address, rectification, rights_request
from members.models import Delivery
from tests.tools import cast, visits

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
EVENTS = {
    "use_stopped",
    "request_received",
    "request_question",
    "request_extended",
    "request_answered",
    "request_refused",
    "correction_done",
    "address_changed",
    "new_address_code",
}


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def ask(subject, kind, **more):
    values = {"channel": "phone", "identity": "called_back", "actor": None, "now": NOW}
    return rights_request.receive(subject, kind, **(values | more))


def everything(subject):
    """Cause one message of every kind."""
    officer = cast.officer("dana", subject.service)
    wrong = ask(subject, "rectification", items=["mobile"], text="010-7777-7777 is right")
    rights_request.ask_back(wrong, "010-7777-7777?", actor=officer, now=NOW)
    rights_request.extend(wrong, NOW + timedelta(days=9), "waits_for_proof", actor=officer, now=NOW)
    rectification.decide(wrong, {"mobile": "01077777777"}, actor=officer, now=NOW)
    rights_request.close(ask(subject, "consent_withdrawal"), actor=officer, now=NOW)
    rights_request.refuse(ask(subject, "erasure"), "law_keeps_it", actor=officer, now=NOW)
    one = next(one for one in subject.records.all() if "email" in one.item_codes)
    rectification.change_own(subject, one.pk, "email", "new@mail.example", now=NOW)
    one = next(one for one in subject.records.all() if "email" in one.item_codes)
    new_address.ask(subject, one.pk, "next@mail.example", language=subject.language, now=NOW)


@pytest.mark.parametrize("language", ["en", "ko", "id"])
def test_every_message_is_complete_and_names_no_value(language):
    minji = cast.member(visits.live(), language=language)
    everything(minji)
    rows = list(Delivery.objects.filter(event__in=EVENTS))
    assert {row.event for row in rows} == EVENTS
    contents = delivery.contents_of(rows)
    in_force = gate.policy_for(minji.service, NOW)
    for row in rows:
        assert row.language == language
        form = emails.personal_form(row, contents[row.pk], policy=in_force)
        sent = message_from_bytes(
            form.fill(to="x@mail.example", message_id="<a@b.example>", sent_at=NOW, blanks={}),
            policy=policy.default,
        )
        plain = sent.get_body(("plain",)).get_content()
        html = sent.get_body(("html",)).get_content()
        assert sent["Content-Language"] == language and sent["List-Unsubscribe"] is None
        assert "cs@mikmik.co.kr" in plain and "cs@mikmik.co.kr" in html
        assert "<img" not in html and f'lang="{language}"' in html
        for text in (plain, html, sent["Subject"]):
            assert "7777" not in text and "minji" not in text.casefold(), row.event
        assert "\n\n\n" not in plain.replace("\r", ""), row.event
        if row.event not in ("new_address_code",):
            assert contents[row.pk]["reference"] in plain, row.event


def test_the_message_says_what_since_when_and_until_when():
    minji = cast.member(visits.live(), language="en")
    ask(minji, "rectification", items=["mobile"], received_at=NOW - timedelta(hours=2))
    row = Delivery.objects.get(event="use_stopped")
    figures = delivery.contents_of([row])[row.pk]
    form = emails.personal_form(row, figures, policy=gate.policy_for(minji.service, NOW))
    sent = message_from_bytes(
        form.fill(to="x@mail.example", message_id="<a@b.example>", sent_at=NOW, blanks={}),
        policy=policy.default,
    )
    plain = " ".join(sent.get_body(("plain",)).get_content().split())
    assert "since 23 Nov 2026 12:00 KST" in plain
    assert "by 24 Nov 2026 10:00 KST at the latest" in plain
    assert "It is about: Mobile phone number." in plain
