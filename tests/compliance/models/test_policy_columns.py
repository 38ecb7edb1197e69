"""Columns and forms hold exactly what the schema of a policy file allows."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import models

from compliance.actions.policy_loading import load
from compliance.models import PolicyItemSubject, PolicyRetentionRule, PolicyVersion
from compliance.models.policy_tables import (
    FROZEN_MODELS,
    RENAMED,
    SERVICE_OWN,
    SERVICE_RENAMED,
    TABLE_MODELS,
)
from compliance.policy_files import PRESET_NAMES
from compliance.rules import terms
from compliance.rules.policy_spec import ITEM_SUBJECT, SERVICE, TABLES
from tests.compliance.policy_files import preset


def columns():
    for table, spec in TABLES.items():
        for name, wanted in spec.items():
            if wanted.kind != "subjects":
                yield (
                    table,
                    name,
                    wanted,
                    TABLE_MODELS[table]._meta.get_field(RENAMED.get((table, name), name)),
                )
    for name, wanted in ITEM_SUBJECT.items():
        yield "items.subjects", name, wanted, PolicyItemSubject._meta.get_field(name)
    for name, wanted in SERVICE.items():
        if name not in SERVICE_OWN:
            yield (
                "service",
                name,
                wanted,
                PolicyVersion._meta.get_field(SERVICE_RENAMED.get(name, name)),
            )


@pytest.mark.parametrize(("table", "name", "wanted", "column"), [*columns()])
def test_a_column_holds_the_longest_text_that_the_schema_allows(table, name, wanted, column):
    if wanted.kind != "text" or isinstance(column, models.TextField):
        return
    allowed = terms.ALLOWED.get(table, {}).get(name)
    longest = max(map(len, allowed)) if allowed else wanted.limit
    assert column.max_length >= longest


@pytest.mark.parametrize(
    ("field", "value"),
    [("period", "1 year"), ("items", {"a": 1}), ("items", [1]), ("code", "no code")],
)
def test_a_form_refuses_a_field_that_would_break_the_draft(field, value):
    with pytest.raises(ValidationError):
        PolicyRetentionRule._meta.get_field(field).clean(value, None)


@pytest.mark.django_db
@pytest.mark.parametrize("name", PRESET_NAMES)
def test_every_row_of_a_preset_passes_its_form(name):
    now = datetime(2026, 11, 22, 16, tzinfo=UTC)
    version = load(preset(name), file="x", as_draft=True, actor=None, now=now).version
    for model in FROZEN_MODELS:
        for row in model.objects.filter(version=version):
            row.full_clean()
