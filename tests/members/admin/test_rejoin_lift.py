"""The page that lifts a rejoin hold: for officers who may lift holds, in their own services, after a check."""

import pytest
from django.urls import reverse
from django.utils import timezone

from compliance.models import LedgerEntry
from compliance.roles import ROLES, permissions_of
from members.actions import withdrawal
from members.archive.models import RejoinDigest
from tests.tools import cast, office

pytestmark = pytest.mark.django_db(databases="__all__")
GIVEN = {"service": "mikmik", "email": "minji@mail.example", "check": "document_seen"}


def page():
    return reverse("admin:rejoin_lift")


@pytest.fixture
def held(minji):
    opened = withdrawal.request(minji, channel="web", actor=None, now=timezone.now())
    withdrawal.carry_out(opened, now=timezone.now())
    return RejoinDigest.objects.get(field="email")


@pytest.mark.promise("MIK-8.3", "MIK-5.4a")
def test_an_officer_lifts_what_stops_the_victim(client, held):
    assert client.get(page()).status_code == 200
    done = client.post(page(), GIVEN, follow=True).content.decode()
    assert "Lifted: 1 digest is destroyed" in done and "minji@mail" not in done
    assert not RejoinDigest.objects.filter(pk=held.pk).exists()
    again = client.post(page(), GIVEN, follow=True).content.decode()
    assert "Nothing is held for these details" in again
    assert LedgerEntry.objects.filter(code="members.rejoin_digest.lifted").count() == 2


@pytest.mark.parametrize("missing", ["email", "check"])
def test_without_a_detail_or_a_check_nothing_is_lifted(client, held, missing):
    answer = client.post(page(), {k: v for k, v in GIVEN.items() if k != missing})
    assert answer.status_code == 200 and "There is a problem" in answer.content.decode()
    assert RejoinDigest.objects.filter(pk=held.pk).exists()


@pytest.mark.parametrize("role", list(ROLES))
def test_the_page_opens_for_the_roles_that_lift_holds(held, mikmik, role):
    other = office.sign_in(office.officer(role, mikmik, name="other"))
    code = 200 if "holds.manage" in permissions_of([role]) else 403
    assert other.get(page()).status_code == code
    assert other.post(page(), {}).status_code == code


def test_an_officer_of_another_service_lifts_nothing_here(held):
    other = office.sign_in(office.officer("officer", cast.service("leje"), name="hana"))
    assert "There is a problem" in other.post(page(), GIVEN).content.decode()
    assert RejoinDigest.objects.filter(pk=held.pk).exists()
