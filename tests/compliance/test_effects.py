"""Intent and completion around what happens outside the main database."""

from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from compliance import effects, ledger
from compliance.ledger import LedgerValueRefused
from compliance.models import Effect, LedgerEntry
from tests.compliance.test_ledger import NOW, SUBJECT

pytestmark = [pytest.mark.django_db(databases=["default", "keyring"]), pytest.mark.servers]
IDS = [UUID(int=1), UUID(int=2)]


def begin(**changes):
    given = {"kind": "keys.destroy", "ref": "withdrawal:7", "payload": {"ids": IDS, "n": 2}}
    given |= {"actor": None, "now": NOW, "service": "mikmik", "subject": SUBJECT, "clause": "8.3"}
    return effects.begin(**given | changes)


def codes():
    return list(LedgerEntry.objects.order_by("seq").values_list("code", flat=True))


def test_intent_and_completion_are_told_in_the_ledger():
    effect = begin()
    assert effect.payload == {"ids": [str(id) for id in IDS], "n": 2}
    assert list(effects.unfinished("keys.destroy")) == [effect]
    assert effects.complete(effect, now=NOW)
    assert list(effects.unfinished("keys.destroy")) == []
    assert codes() == ["compliance.effect.intended", "compliance.effect.completed"]
    assert ledger.entries_for(SUBJECT).count() == 2
    assert ledger.verify().ok


def test_repeating_either_side_changes_nothing():
    effect = begin()
    assert begin() == effect
    assert effects.complete(effect, now=NOW)
    assert not effects.complete(effect, now=NOW)
    assert Effect.objects.count() == 1
    assert len(codes()) == 2


def test_a_finished_effect_may_be_begun_anew():
    effects.complete(begin(), now=NOW)
    assert begin().state == Effect.State.INTENDED
    assert Effect.objects.count() == 2


def test_an_unfinished_effect_never_changes_its_ids():
    begin()
    with pytest.raises(ValueError, match="other ids"):
        begin(payload={"ids": []})


def test_the_database_holds_one_unfinished_effect_per_object():
    effect = begin()
    with pytest.raises(IntegrityError), transaction.atomic():
        Effect.objects.create(kind=effect.kind, object_ref=effect.object_ref, intended_at=NOW)


@pytest.mark.parametrize("payload", [{"to": "a@b.kr"}, {"names": ["Kim Seoyeon"]}, {"x": 1.5}])
def test_a_payload_holds_opaque_ids_only(payload):
    with pytest.raises(LedgerValueRefused):
        begin(payload=payload)
    assert not Effect.objects.exists()
    assert codes() == []


def test_without_its_ledger_entry_an_effect_is_not_begun():
    with pytest.raises(LedgerValueRefused):
        begin(ref="not a reference")
    assert not Effect.objects.exists()
