"""A migration may remake any table on SQLite, and every trigger is back afterwards."""

import pytest
from django.apps import apps
from django.db import connection, models

from compliance import triggers, upkeep
from compliance.models import PolicyVersion


def altered(field):
    shorter = models.CharField(max_length=400)
    shorter.set_attributes_from_name(field.name)
    shorter.model = PolicyVersion
    return shorter


@pytest.mark.django_db(transaction=True)
def test_the_table_of_policy_versions_can_be_remade_and_its_triggers_come_back():
    config, field = apps.get_app_config("compliance"), PolicyVersion._meta.get_field("title")
    upkeep.before_migrate(app_config=config, using="default", plan=["a migration"])
    for old, new in ((field, altered(field)), (altered(field), field)):
        with connection.schema_editor() as editor:
            editor.alter_field(PolicyVersion, old, new)
    upkeep.after_migrate(app_config=config, using="default")
    assert triggers.missing("default") == []


@pytest.mark.django_db
def test_without_a_migration_to_run_no_trigger_is_lifted():
    config = apps.get_app_config("compliance")
    upkeep.before_migrate(app_config=config, using="default", plan=[])
    assert triggers.missing("default") == []
