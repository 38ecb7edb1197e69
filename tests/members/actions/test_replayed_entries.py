"""What the ledger says is enough to do an answer and a hold again after a restore."""

from datetime import UTC, datetime

import pytest

from compliance.models import LedgerEntry
from members.actions import consent, restriction
from tests.tools import cast

pytestmark = pytest.mark.django_db(databases=["default", "archive", "keyring"])
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@pytest.fixture
def minji():
    return cast.member(cast.service())


def told(code):
    return LedgerEntry.objects.get(code=code).data


def test_an_answer_is_told_with_channel_recipient_and_the_text_that_was_shown(minji):
    consent.answer(
        minji,
        purpose="third_party",
        answer="agreed",
        version=cast.version(minji.service),
        recipient="partner",
        asked_by="web",
        language="ko",
        text_hash="a" * 64,
        actor=None,
        now=NOW,
    )
    assert told("members.consent.answered") == {
        "purpose": "third_party",
        "answer": "agreed",
        "channel": None,
        "recipient": "partner",
        "version": cast.version(minji.service).number,
        "asked_by": "web",
        "language": "ko",
        "text": "a" * 64,
    }


def test_a_hold_is_told_with_its_items(minji):
    restriction.place(minji, ground="open_dispute", items=["email", "name"], actor=None, now=NOW)
    assert told("members.restriction.placed")["items"] == ["email", "name"]
