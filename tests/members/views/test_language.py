"""The first page speaks the language that the browser asks for, in the office and before the people's sign-in."""

import pytest
from django.test import Client

from members.models import DataSubject
from tests.tools import cast, visits

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        ("en-US,en;q=0.9", "en"),
        ("ko-KR,ko;q=0.9,en-US;q=0.8", "ko"),
        ("id-ID,id;q=0.9,en;q=0.8", "id"),
        ("fr-FR,fr;q=0.9", "en"),
    ],
)
def test_a_first_visit_is_answered_in_the_language_of_the_browser(asked, spoken):
    visits.live()
    for address in ("/office/login/", "/office/", "/", "/mikmik/sign-in/"):
        page = Client().get(address, follow=True, headers={"Accept-Language": asked})
        assert f'<html lang="{spoken}"' in page.content.decode(), address


@pytest.fixture
def minji(client):
    found = cast.member(visits.live())
    visits.sign_in(client, "minji-id")
    return found


def switch(client, code, **more):
    return client.post(visits.at("language"), {"switch_language": code, **more})


def spoken_to(person):
    found = DataSubject.objects.select_related("account").get(pk=person.pk)
    return found.language, found.account.language


def test_who_is_signed_in_switches_for_mails_as_well_and_stays_on_the_page(client, minji):
    assert 'value="id" lang="id"' in client.get(visits.at("data")).content.decode()
    answer = switch(client, "id", next=visits.at("notices") + "?from=2")
    assert answer.url == "/id/mikmik/notices/?from=2"
    assert spoken_to(minji) == ("id", "id")


def test_a_switch_on_a_form_counts_as_well(client, minji):
    client.post("/id/mikmik/account/password/", {"switch_language": "id"})
    assert spoken_to(minji)[0] == "id"


def test_looking_at_a_page_in_another_language_changes_nothing(client, minji):
    client.get("/id/mikmik/account/")
    assert spoken_to(minji)[0] == "ko"


def test_nobody_else_changes_it_and_no_other_language_is_taken(client, minji):
    switch(Client(), "id")
    for code in ("xx", "", "../ko", "KO"):
        assert switch(client, code).url == visits.at("service")
    assert Client(enforce_csrf_checks=True).post(visits.at("language")).status_code == 403
    assert spoken_to(minji)[0] == "ko"


def test_a_switch_never_leads_to_a_foreign_address(client, minji):
    for wanted in ("//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:x"):
        assert switch(client, "id", next=wanted).url == "/id/mikmik/"
