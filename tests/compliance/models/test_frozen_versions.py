"""What an approved version says never changes: neither through the models nor through raw SQL."""

from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from compliance.actions.policy_copy import copy_in_force
from compliance.actions.policy_loading import load
from compliance.actions.service import settle_finding
from compliance.models import PolicyItem, PolicyText, PolicyVersion, VersionFrozen
from compliance.models.policy_tables import FROZEN_MODELS
from tests.compliance.policy_files import preset

pytestmark = [pytest.mark.django_db, pytest.mark.servers]
NOW = datetime(2026, 11, 22, 16, tzinfo=UTC)


@pytest.fixture
def version():
    return load(preset("mikmik"), file="x.toml", actor=None, now=NOW).version


@pytest.fixture
def draft(version):
    return copy_in_force(version.service, actor=None, now=NOW)


def sql(statement, *params):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, params)


def test_a_row_of_a_version_in_effect_cannot_be_saved_or_deleted(version):
    item = version.items.first()
    item.label = "Other"
    with pytest.raises(VersionFrozen):
        item.save()
    with pytest.raises(VersionFrozen):
        item.delete()
    with pytest.raises(VersionFrozen):
        version.items.update(label="Other")
    with pytest.raises(VersionFrozen):
        version.items.all().delete()


def test_no_row_can_join_a_version_in_effect(version, draft):
    with pytest.raises(VersionFrozen):
        PolicyText.objects.create(version=version, language="ko", body="x")
    with pytest.raises(VersionFrozen):
        PolicyText.objects.bulk_create([PolicyText(version=version, language="ko", body="x")])
    item = draft.items.first()
    item.version = version
    with pytest.raises(VersionFrozen):
        item.save()


@pytest.mark.parametrize("model", FROZEN_MODELS, ids=lambda model: model.__name__)
def test_raw_sql_cannot_change_or_remove_a_frozen_row(version, model):
    table = model._meta.db_table
    row = model.objects.filter(version=version).first()
    with pytest.raises(DatabaseError, match="never changes"):
        sql(f"UPDATE {table} SET position = 99 WHERE id = %s", row.pk)
    with pytest.raises(DatabaseError, match="never changes"):
        sql(f"DELETE FROM {table} WHERE id = %s", row.pk)


def test_raw_sql_cannot_move_a_row_into_a_frozen_version(version, draft):
    table = PolicyItem._meta.db_table
    row = draft.items.first()
    with pytest.raises(DatabaseError, match="never changes"):
        sql(f"UPDATE {table} SET version_id = %s, code = 'x' WHERE id = %s", version.pk, row.pk)


@pytest.mark.parametrize(
    "change",
    ["min_group_size = 3", "title = 'Other'", "precedence = '[]'", "state = 'draft'", "number = 7"],
)
def test_raw_sql_cannot_change_what_a_frozen_version_says(version, change):
    with pytest.raises(DatabaseError, match="never changes"):
        sql(f"UPDATE compliance_policyversion SET {change} WHERE id = %s", version.pk)


def test_a_frozen_version_cannot_be_removed(version):
    with pytest.raises(VersionFrozen):
        version.delete()
    with pytest.raises(VersionFrozen):
        PolicyVersion.objects.all().delete()


def test_the_figures_of_a_frozen_version_cannot_be_saved(version):
    version.min_group_size = 3
    with pytest.raises(VersionFrozen):
        version.save()
    with pytest.raises(VersionFrozen):
        PolicyVersion.objects.update(min_group_size=3)


def test_a_frozen_version_moves_on(version):
    version.state = PolicyVersion.State.SUPERSEDED
    version.superseded_at = NOW
    version.save()
    assert PolicyVersion.objects.update(change_class="general") == 1


def test_a_draft_can_be_changed_and_removed(draft):
    draft.items.update(label="Other")
    draft.min_group_size = 3
    draft.save()
    draft.items.first().save()
    pk = draft.pk
    draft.delete()
    assert not PolicyItem.objects.filter(version_id=pk).exists()


def test_every_state_from_approval_on_is_frozen(draft):
    for state in PolicyVersion.FROZEN:
        PolicyVersion.objects.filter(number=1).update(state="superseded")
        PolicyVersion.objects.filter(pk=draft.pk).update(state=state, effective_on=date(2027, 1, 1))
        with pytest.raises(VersionFrozen):
            draft.items.first().save()
        with pytest.raises(DatabaseError, match="never changes"):
            sql("UPDATE compliance_policyitem SET label = 'x' WHERE version_id = %s", draft.pk)


def test_a_finding_of_a_frozen_version_can_still_be_settled(version):
    finding = version.findings.first()
    assert settle_finding(finding, "Done.", actor=None, now=NOW).text == "Done."


@pytest.mark.skipif(connection.vendor != "sqlite", reason="REPLACE is a word of SQLite")
def test_replace_cannot_push_a_frozen_row_or_version_out(version, draft):
    frozen, row = version.items.first(), draft.items.first()
    columns = "position, code, label, label_local, category, auto, sensitive, encrypt, unused_reason, note"
    copied = f"SELECT %s, %s, {columns} FROM compliance_policyitem WHERE id = %s"
    insert = f"INSERT OR REPLACE INTO compliance_policyitem (id, version_id, {columns}) {copied}"
    with pytest.raises(DatabaseError, match="never changes"):
        sql(insert, frozen.pk, draft.pk, row.pk)
    with pytest.raises(DatabaseError, match="never changes"):
        sql("UPDATE OR REPLACE compliance_policyitem SET id = %s WHERE id = %s", frozen.pk, row.pk)
    for change in (
        "number = 1",
        f"id = {version.pk}",
        "state = 'in_effect', effective_on = '2027-01-01'",
    ):
        with pytest.raises(DatabaseError, match="never changes"):
            sql(f"UPDATE OR REPLACE compliance_policyversion SET {change} WHERE id = %s", draft.pk)
    assert PolicyVersion.objects.get(pk=version.pk).items.filter(pk=frozen.pk).exists()
