"""The two pages that say whether the house is alive and can serve people."""

from datetime import timedelta

import pytest
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from compliance import ledger

pytestmark = pytest.mark.django_db(databases="__all__")


def test_a_living_process_says_so(client):
    assert client.get("/livez").content == b"ok"


def test_everything_in_place_is_ready(client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (
        200,
        {"ready": True, "missing": [], "warnings": []},
    )


def test_a_ledger_without_tail_and_checkpoint_is_named_and_people_are_served(client):
    at = timezone.now() - timedelta(hours=3)
    ledger.record("compliance.effect.intended", actor=None, now=at, data={"effect": 1})
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["warnings"]) == (
        200,
        ["ledger_tail", "ledger_checkpoint"],
    )


def test_a_missing_key_is_named_and_answers_503(client, settings, tmp_path):
    settings.KEK_DIR = tmp_path
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["missing"]) == (503, ["kek"])


def test_a_migration_that_was_not_run_is_named(client):
    MigrationRecorder.Migration.objects.filter(app="members").delete()
    assert client.get("/readyz").json()["missing"] == ["migrations:default"]
