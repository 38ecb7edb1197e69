"""What nobody of good will sends: no answer 500, and every refusal is one that a person can read."""

import re
from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from compliance.models import LoginThrottle
from tests.tools import cast, nasty, routes, visits

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
FIELD = re.compile(r'<(?:input|textarea|select|button)\b[^>]*\bname="([^"]+)"')
ENDS_IT = {"withdraw", "sign_out"}  # Tried by a visitor alone: right answers would end the session.
FORMS, QUERIES = 260, 150


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def minji(client):
    found = cast.member(visits.live())
    cast.history(found)
    visits.sign_in(client, "minji-id")
    visits.ask(client, "minji-id")
    return found


@pytest.fixture
def addresses(minji):
    return routes.addresses("mikmik", routes.own(minji, now=NOW))


def fields(client, url):
    """The names of all fields of a page; of one that is only posted to, those of the other pages."""
    return FIELD.findall(client.get(url, follow=True).getvalue().decode())


def a_fault(answer):
    """Every fault that may not be answered; a refusal is one of these."""
    return answer.status_code not in (200, 302, 400, 403, 404, 405, 413, 429)


def test_forms_of_all_kinds_get_an_answer_that_is_no_fault(client, minji, addresses):
    every = sorted({name for url in addresses.values() for name in fields(client, url)})
    assert {"identifier", "code", "value", "text", "password"} <= set(every)
    names = sorted(set(addresses) - ENDS_IT)
    found, stranger = [], Client()
    for number, form in enumerate(nasty.forms(every, FORMS)):
        LoginThrottle.objects.all().delete()
        name = names[number % len(names)]
        if name.startswith("code"):
            visits.ask(stranger, "minji-id")
        for who in (client, stranger):
            answer = who.post(addresses[name], form)
            if a_fault(answer):
                found.append((name, answer.status_code, list(form)))
    assert found == []


def test_every_field_of_every_form_takes_every_value_without_a_fault(client, minji, addresses):
    found = []
    for name in sorted(set(addresses) - ENDS_IT):
        own = sorted(set(fields(client, addresses[name])) - {"csrfmiddlewaretoken"})
        for place, value in enumerate(nasty.VALUES):
            if place % 6 == len(name) % 6 and own:
                LoginThrottle.objects.all().delete()
                answer = client.post(addresses[name], dict.fromkeys(own, value))
                if a_fault(answer):
                    found.append((name, answer.status_code, value[:40]))
    assert found == []


def test_questions_in_the_address_get_an_answer_that_is_no_fault(client, minji, addresses):
    by, found = nasty.chance(), []
    names = sorted(addresses)
    for number in range(QUERIES):
        asked = {
            by.choice([*nasty.NAMES, "next", "page", "from"]): by.choice(
                nasty.VALUES[:4] + nasty.VALUES[5:]
            )
        }
        answer = client.get(addresses[names[number % len(names)]], asked)
        if a_fault(answer):
            found.append((names[number % len(names)], answer.status_code, asked))
    assert found == []


@pytest.mark.parametrize("number", ["0", "9" * 19, "9" * 40, "9" * 5_000, "٣", "-1", "1.0", "1%00"])
def test_numbers_of_any_size_in_an_address_name_nothing(client, minji, number):
    for path in ("policy/{}/", "notices/{}/", "policy/{}/changes/", "account/stop/{}/"):
        url = "/en/mikmik/" + path.format(number)
        for answer in (client.get(url), client.post(url)):
            assert answer.status_code in (404, 405), (url[:60], answer.status_code)


@pytest.mark.parametrize(
    "slug", ["a__b", "..", "%00", "mikmik%00", "x" * 5_000, "미크", "mikmik'--"]
)
def test_names_of_services_that_are_none(client, minji, slug):
    for page in ("", "sign-in/", "account/", "policy/"):
        assert client.get(f"/en/{slug}/{page}").status_code in (404, 400)


@pytest.mark.parametrize(("body", "kind"), nasty.BROKEN_BODIES)
def test_bodies_that_are_no_forms_get_an_answer_that_is_no_fault(
    client, minji, addresses, body, kind
):
    for name in sorted(set(addresses) - ENDS_IT):
        for method in ("post", "put", "patch", "delete"):
            answer = client.generic(method.upper(), addresses[name], body, content_type=kind)
            assert not a_fault(answer), (name, method, answer.status_code)


def test_strangers_may_try_to_leave_and_to_sign_out_with_anything(client, minji, addresses):
    for form in nasty.forms(["current", "next", "all"], 20):
        for name in ENDS_IT:
            assert not a_fault(Client().post(addresses[name], form)), name


REFUSED = [
    ("sign_in", "identifier", {"identifier": "x" * 300}, ["identifier"]),
    ("sign_in", "password", {"identifier": "minji-id", "password": "x" * 2_000}, ["identifier"]),
    (
        "order_access",
        "email",
        {"order_number": "MM-77", "email": "no address"},
        ["order_number", "email"],
    ),
    ("code", "code", {"code": "12 a4"}, ["code"]),
    ("contact", "text", {"kind": "enquiry", "text": ""}, []),
    ("change", "value", {"value": "no address"}, ["value"]),
    ("dispute", "text", {"text": "", "value": "other@mail.example"}, ["value"]),
    ("request", "text", {"text": "물" * 5_000}, ["text"]),
    ("password", "password", {"way": "save", "password": "short"}, []),
]


@pytest.mark.parametrize(("name", "field", "form", "kept"), REFUSED)
def test_a_refusal_names_the_field_in_the_language_of_the_person_and_keeps_what_was_typed(
    client, minji, addresses, name, field, form, kept
):
    answer = client.post(addresses[name].replace("/en/", "/ko/"), form)
    body = answer.content.decode()
    assert answer.status_code == 200
    summary = re.search(r'error-summary.*?href="#id_(\w+)">([^<]+)</a>', body, re.DOTALL)
    assert summary is not None, "no link to the field"
    label = re.search(rf'<label for="id_{field}">([^<]+)</label>', body)
    assert label is not None, "no label"
    assert summary[1] == field
    assert summary[2].startswith(f"{label[1]}: ")
    in_english = client.post(addresses[name], form).content.decode()
    for words in (label[1], summary[2].removeprefix(label[1])):
        assert re.search("[가-힣]", words) or is_not_translated_yet(words, in_english)
    assert f'id="id_{field}_error"' in body
    assert "<title>오류:" in body
    for typed in kept:
        assert form[typed] in body, typed
    assert form.get("password", "never typed") not in body


def is_not_translated_yet(words, in_english):
    """Whether the same words stand on the English page; the tests of the catalogues find those."""
    return words.strip(": ") in in_english
