"""Member A at every address with the things of member B: the answer of what does not exist, and nothing changes."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from compliance.models import Notice
from tests.tools import cast, routes, row_digests, visits

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.servers]
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
METHODS = ("get", "head", "post", "put", "patch", "delete", "options", "trace")
OWN_THINGS = {"change", "dispute", "request", "use_again"}
# Whoever holds the address out of a mail may stop advertising by it; it shows nothing and opens nothing else.
BEARER = {"one_click"}
FILLED = {
    "value": "stolen@mail.example",
    "text": "mine",
    "code": "123456",
    "current": "a kettle sings at noon",
    "answer": "yes",
    "all": "disagree",
    "everything": "yes",
    "claim": "x",
}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def service():
    return visits.live()


@pytest.fixture
def sora(service):
    """The other one, with one of everything."""
    found = cast.member(service, "sora", mobile="010-9999-1111")
    cast.history(found)
    return found


@pytest.fixture
def things(sora):
    return routes.own(sora, now=NOW)


@pytest.fixture
def minji(service, client):
    found = cast.member(service)
    visits.sign_in(client, "minji-id")
    return found


def ask(client, method, url):
    data = FILLED if method in ("get", "head", "post") else ""
    options = {} if method in ("get", "head", "post", "trace") else {"content_type": "text/plain"}
    arguments = [] if method == "trace" else [data]
    return getattr(client, method)(url, *arguments, **options)


def seen(client, method, url):
    """Status, headers and page, without the address itself and the token of the form."""
    answer = ask(client, method, url)
    body = answer.getvalue().decode()
    token = str(answer.context["csrf_token"]) if answer.context else "-"
    place = url.removeprefix("/en")
    return (
        answer.status_code,
        answer.headers.get("Location", "").replace(place, ""),
        answer.headers["Content-Type"],
        body.replace(token, "").replace(place, ""),
    )


def test_everything_that_is_named_by_an_address_is_looked_at_here():
    with_a_thing = {
        pattern.name
        for pattern in routes.urls.urlpatterns
        if set(pattern.pattern.converters) - {"service"}
    }
    assert with_a_thing == OWN_THINGS | BEARER | set(routes.PUBLIC_NUMBERS)


@pytest.mark.parametrize("name", sorted(OWN_THINGS))
def test_a_thing_of_somebody_else_is_answered_like_one_that_does_not_exist(
    name, client, minji, things
):
    theirs = routes.addresses("mikmik", things)[name]
    unknown = routes.addresses("mikmik", routes.nothing())[name]
    before = row_digests.of_all_tables()
    for method in METHODS:
        assert seen(client, method, theirs) == seen(client, method, unknown), method
    assert row_digests.changed(before, row_digests.of_all_tables()) == []


def test_the_same_things_open_for_the_person_they_belong_to(sora, things):
    """Else the test above would compare two pages that nobody gets."""
    mine = Client()
    visits.sign_in(mine, "sora-id")
    found = routes.addresses("mikmik", things)
    for name in OWN_THINGS - {"use_again"}:
        assert mine.get(found[name]).status_code == 200, name
    assert mine.post(found["use_again"]).status_code == 302


def test_no_page_of_mine_shows_anything_of_somebody_else(client, minji, sora, things):
    notice = Notice.objects.create(
        service=sora.service,
        version=cast.version(sora.service),
        event="policy_revision_important",
        effective_on=NOW.date(),
        published_at=NOW,
        places=["first_page"],
    )
    values = ["sora@mail.example", "Sora", "010-9999-1111", "sora-id", things.reference]
    mine = routes.addresses("mikmik", routes.nothing(), number=1)
    mine["notice"] = visits.at("notice", "mikmik", notice.pk)
    for name, url in mine.items():
        body = client.get(url).getvalue().decode()
        assert [value for value in values if value in body] == [], name


def test_the_things_of_somebody_else_in_a_form_of_mine_change_nothing_of_theirs(
    client, minji, sora, things
):
    theirs = {
        "record": things.record,
        "reference": things.reference,
        "hold": things.hold,
        "subject": sora.public_id,
        "pk": sora.pk,
        "id": sora.pk,
        "public_id": sora.public_id,
        "token": things.token,
    }
    before = of_sora(sora)
    for name, url in routes.addresses("mikmik", routes.nothing()).items():
        if name not in {"withdraw", "sign_out"}:
            client.post(url, {**FILLED, **theirs})
            client.post(url, {**theirs, "way": "save", "password": "a kettle sings at noon"})
    client.post(visits.at("withdraw"), theirs)
    assert of_sora(sora) == before


def of_sora(sora):
    sora.refresh_from_db()
    return (
        sora.status,
        sora.language,
        list(sora.records.order_by("pk").values_list("pk", "sealed", "due_on")),
        list(sora.restrictions.order_by("pk").values_list("pk", "ended_at")),
        list(sora.requests.order_by("pk").values_list("pk", "state")),
        sora.account.password,
    )


def test_a_member_of_another_service_is_nobody_here(client, things, service):
    visits.person(visits.live("krainpop"))
    visits.sign_in(client, "sora@mail.example", "krainpop")
    before = row_digests.of_all_tables()
    for name, url in routes.addresses("mikmik", things).items():
        if name in OWN_THINGS:
            for method in ("get", "post"):
                answer = ask(client, method, url)
                assert answer.status_code in (302, 405), (name, method)
    assert row_digests.changed(before, row_digests.of_all_tables()) == []
