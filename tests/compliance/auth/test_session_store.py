"""Sessions end with the person: found by owner, ended at once, one browser's never another's."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from compliance.actions import account, session
from compliance.auth.session_store import owner_of, owner_of_account
from compliance.models import LedgerEntry, Session
from members import holdings
from members.actions import withdrawal
from members.models import DataSubject
from tests.tools import cast, office, visits

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.servers]
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
PAUSE = timedelta(minutes=2)


@pytest.fixture
def mikmik():
    return visits.live()


@pytest.fixture
def minji(mikmik):
    return cast.member(mikmik)


def signed_in(address):
    """A browser in which somebody has signed in; a second code is sent after a pause only."""
    client = Client()
    with time_machine.travel(NOW + PAUSE * (1 + Session.objects.count()), tick=False):
        visits.sign_in(client, address)
        assert visits.is_signed_in(client)
    return client


def test_a_browser_nobody_signed_in_with_has_a_session_of_nobody():
    assert owner_of({"code_token": "x"}) == ""
    assert session.end_all("") == 0


def test_a_member_owns_the_sessions_of_all_browsers_and_leaving_deletes_them(minji):
    one, two = signed_in("minji@mail.example"), signed_in("minji@mail.example")
    assert Session.objects.filter(owner=minji.public_id).count() == 2
    opened = withdrawal.request(minji, channel="web", actor=None, now=NOW)
    withdrawal.carry_out(opened, now=NOW)
    assert not Session.objects.filter(owner=minji.public_id).exists()
    assert not visits.is_signed_in(one) and not visits.is_signed_in(two)


def test_leaving_in_the_browser_ends_the_others_and_still_shows_the_last_page(minji):
    signed_in("minji@mail.example")
    here = signed_in("minji@mail.example")
    with time_machine.travel(NOW + 2 * PAUSE, tick=False):
        answer = here.post(visits.at("withdraw"), follow=True)
    assert answer.status_code == 200
    assert "Your membership has ended" in answer.content.decode()
    assert not Session.objects.exclude(owner="").exists()


def test_every_person_has_sessions_of_their_own(mikmik, minji):
    sora = cast.member(mikmik, "sora")
    here, other = signed_in("minji@mail.example"), signed_in("sora@mail.example")
    assert "sessions" in holdings.places()
    assert holdings.destroy_all(minji, now=NOW)["sessions"] == 1
    with time_machine.travel(NOW + 2 * PAUSE, tick=False):
        assert not visits.is_signed_in(here)
        assert visits.is_signed_in(other)
    assert DataSubject.objects.filter(pk=sora.pk).exists()


def test_closing_a_staff_account_ends_its_sessions_at_once(mikmik):
    mina = office.officer("officer", mikmik, name="mina")
    admin = office.officer("administrator", mikmik, name="adam")
    client = office.sign_in(mina)
    assert Session.objects.filter(owner=owner_of_account(mina.pk)).count() == 1
    url = reverse("admin:compliance_account_changelist")
    form = {"action": "close", "_selected_action": [mina.pk, admin.pk]}
    office.sign_in(admin).post(url, form)
    mina.refresh_from_db()
    admin.refresh_from_db()
    assert (mina.is_active, admin.is_active) == (False, True)
    assert not Session.objects.filter(owner=owner_of_account(mina.pk)).exists()
    assert client.get(reverse("admin:index")).status_code == 302
    told = LedgerEntry.objects.get(code="compliance.account.closed")
    assert told.data["sessions"] == 1
    assert account.close_staff(mina, actor=admin, now=NOW) is False
    with pytest.raises(PermissionError):
        account.close_staff(admin, actor=admin, now=NOW)


def test_a_new_password_ends_every_other_session_and_keeps_this_one(mikmik):
    mina = office.officer("officer", mikmik, name="mina", password=office.PASSWORD)
    here, elsewhere = office.sign_in(mina), office.sign_in(mina)
    new = "another long enough password for staff"
    form = {"old_password": office.PASSWORD, "new_password1": new, "new_password2": new}
    assert here.post(reverse("admin:password_change"), form).status_code == 302
    assert Session.objects.filter(owner=owner_of_account(mina.pk)).count() == 1
    assert here.get(reverse("admin:index")).status_code == 200
    assert elsewhere.get(reverse("admin:index")).status_code == 302
