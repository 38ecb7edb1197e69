"""The first page speaks the language that the browser asks for, in the office and before the people's sign-in."""

import pytest
from django.test import Client

from tests.tools import visits

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
