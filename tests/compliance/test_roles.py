"""Roles reach as far as the appointment that gives them."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser, Group

from compliance.models import Account, OfficerAppointment
from compliance.roles import PERMISSIONS, ROLES, may, services_of, sync_groups
from tests.tools import office

pytestmark = pytest.mark.django_db(databases="__all__")


def test_roles_name_declared_permissions_only_and_the_models_know_the_same_roles() -> None:
    assert set().union(*ROLES.values()) == set(PERMISSIONS)
    assert set(ROLES) == set(OfficerAppointment.Role.values)


def test_personal_data_stays_with_officers() -> None:
    for role in ("handler", "marketing", "auditor", "administrator"):
        assert "members.reveal" not in ROLES[role]
    for role in ("marketing", "auditor", "administrator"):
        assert not {name for name in ROLES[role] if name.startswith("members.")}


def test_the_auditor_changes_nothing() -> None:
    assert {name.split(".")[1] for name in ROLES["auditor"]} == {"view", "export"}


def test_a_role_counts_in_its_own_service_only() -> None:
    mikmik, engoo = office.service(), office.service("engoo", "ENG")
    account = office.officer("handler", mikmik)
    OfficerAppointment.objects.create(
        account=account, service=engoo, role="auditor", appointed_on=date(2026, 1, 1)
    )
    assert may(account, "requests.handle", mikmik)
    assert not may(account, "requests.handle", "engoo")
    assert may(account, "ledger.view", engoo)
    assert may(account, "requests.handle")
    assert list(services_of(account, "ledger.view")) == [engoo]
    assert services_of(account).count() == 2


def test_an_ended_appointment_gives_nothing() -> None:
    account = office.officer("officer", office.service())
    OfficerAppointment.objects.update(ended_on=date(2026, 11, 1))
    assert not may(account, "requests.view")
    assert not services_of(account).exists()


def test_members_strangers_and_closed_accounts_may_nothing() -> None:
    closed = office.officer("officer", office.service())
    closed.is_active = False
    for who in (None, AnonymousUser(), Account.objects.create_member(), closed):
        assert not may(who, "dashboard.view")


def test_an_undeclared_permission_is_an_error() -> None:
    with pytest.raises(KeyError):
        may(office.officer("officer", office.service()), "members.viewmasked")


def test_groups_follow_the_declaration() -> None:
    Group.objects.all().delete()
    sync_groups()
    assert set(Group.objects.values_list("name", flat=True)) == set(ROLES)
