"""A live service with people, and officers of every role who are signed in."""

import pytest
from django.utils import translation

from members.actions import subject
from tests.tools import cast, office, visits


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def cheap_hashing(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def mikmik():
    return visits.live("mikmik")


@pytest.fixture
def minji(mikmik):
    """A member with a history: a log-in, an order, a payment, a complaint."""
    person = cast.member(mikmik, "minji")
    cast.history(person)
    return person


@pytest.fixture
def client(mikmik):
    """An officer of the service, past the second step."""
    return office.sign_in(office.officer("officer", mikmik, name="mina", password=office.PASSWORD))


@pytest.fixture
def named(mikmik):
    """Make members of any name: ``named("Zelda Quincey", email=...)``."""

    def make(name, email="somebody@mail.example"):
        return subject.register(
            mikmik,
            "member",
            language="en",
            values={"name": name, "email": email},
            source="registration",
            version=cast.version(mikmik),
            joined_at=cast.JOINED,
            actor=None,
            now=cast.JOINED,
        )

    return make
