"""Who may open which address: every pattern, every kind of visitor, every method."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from compliance.models import LedgerEntry, Notice
from members import urls
from members.models import DataSubject, Delivery, RightsRequest, Withdrawal
from tests.tools import cast, visits

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)

OPEN, OWN, POST_ONLY, PASSING = "open", "own", "post only", "passing"
FOR_STRANGERS = "for strangers"  # Whoever is signed in here is led to the account.
ONE_OF_OWN = "one of one's own"  # An object that does not exist, or is another's: 404.
BY_ADDRESS = "by its address"  # Whoever holds the address of a message; a made-up one: 404.
NOBODYS = "00000000-0000-4000-8000-000000000000"
ROUTES = {
    "home": OPEN,
    "service": OPEN,
    "policy": OPEN,
    "policy_version": OPEN,
    "policy_changes": OPEN,
    "recipients": OPEN,
    "contact": OPEN,
    "contact_sent": PASSING,
    "notices": OPEN,
    "notice": OPEN,
    "notices_json": OPEN,
    "notices_atom": OPEN,
    "sign_in": OPEN,
    "order_access": OPEN,
    "join": FOR_STRANGERS,
    "join_code": PASSING,
    "join_code_again": POST_ONLY,
    "join_refused": OPEN,
    "join_waiting": PASSING,
    "represent": OPEN,
    "represent_code": PASSING,
    "represent_whom": PASSING,
    "represent_decide": PASSING,
    "code": PASSING,
    "code_again": POST_ONLY,
    "language": POST_ONLY,
    "sign_out": POST_ONLY,
    "signed_out": OPEN,
    "cookies": OPEN,
    "account": OWN,
    "data": OWN,
    "change": ONE_OF_OWN,
    "dispute": ONE_OF_OWN,
    "new_address": POST_ONLY,
    "requests": OWN,
    "request": ONE_OF_OWN,
    "erase": OWN,
    "stop": OWN,
    "use_again": POST_ONLY,
    "password": OWN,
    "choices": OWN,
    "questions": OWN,
    "one_click": BY_ADDRESS,
    "receipt": OWN,
    "receipt_file": POST_ONLY,
    "copy": OWN,
    "copy_file": POST_ONLY,
    "withdraw": OWN,
    "withdrawn": PASSING,
}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def service():
    return visits.live()


@pytest.fixture
def notice(service):
    return Notice.objects.create(
        service=service,
        version=cast.version(service),
        event="policy_revision_important",
        effective_on=date(2026, 12, 24),
        published_at=NOW,
        places=["homepage_notice", "first_page"],
    )


def address(name, service, notice):
    parts = {
        "home": [],
        "policy_version": [service.slug, 1],
        "policy_changes": [service.slug, 1],
        "notice": [service.slug, notice.pk],
        "change": [service.slug, NOBODYS, "mobile"],
        "dispute": [service.slug, NOBODYS, "mobile"],
        "request": [service.slug, "NOBODYS"],
        "use_again": [service.slug, 77],
        "one_click": [service.slug, "0" * 64],
    }
    return reverse(f"members:{name}", args=parts.get(name, [service.slug]))


def visitors(service):
    """Anonymous, a member of this service, a member of another one, and an officer."""
    here, there, staff = Client(), Client(), Client()
    cast.member(service)
    visits.sign_in(here, "minji@mail.example")
    visits.person(visits.live("krainpop"))
    visits.sign_in(there, "sora@mail.example", "krainpop")
    staff.force_login(
        cast.officer("dana", service), backend="compliance.auth.backends.StaffBackend"
    )
    session = staff.session
    session["office_second_factor_at"] = int(NOW.timestamp())
    session.save()
    return {"anonymous": Client(), "member": here, "other": there, "staff": staff}


def test_every_address_is_in_this_list():
    assert {pattern.name for pattern in urls.urlpatterns} == set(ROUTES)


def test_who_may_open_what(service, notice):
    asked = visitors(service)
    got = {
        name: {
            who: client.get(address(name, service, notice)).status_code
            for who, client in asked.items()
        }
        for name in ROUTES
    }
    assert got == {
        name: {who: expected(kind, who) for who in asked} for name, kind in ROUTES.items()
    }


def expected(kind, who):
    if kind == OWN:
        return 200 if who == "member" else 302
    if kind == FOR_STRANGERS:
        return 302 if who == "member" else 200
    if kind == ONE_OF_OWN:
        return 404 if who == "member" else 302
    return {OPEN: 200, POST_ONLY: 405, PASSING: 302, BY_ADDRESS: 404}[kind]


def test_pages_of_oneself_send_strangers_to_sign_in_whatever_the_method(service, notice, client):
    for name in [name for name, kind in ROUTES.items() if kind in (OWN, ONE_OF_OWN)]:
        for method in (client.get, client.head, client.post):
            answer = method(address(name, service, notice))
            assert answer.status_code == 405 or answer.url.startswith(visits.at("sign_in"))


def test_a_member_of_one_service_is_a_stranger_at_another(service, client):
    other = visits.live("krainpop")
    cast.member(service)
    visits.sign_in(client, "minji@mail.example")
    assert client.get(visits.at("account", other)).status_code == 302
    assert client.get(visits.at("withdraw", other)).status_code == 302
    assert client.post(visits.at("withdraw", other)).status_code == 302
    assert not Withdrawal.objects.exists()
    assert "Sign out" not in client.get(visits.at("service", other)).content.decode()


def test_a_foreign_number_reads_like_one_that_does_not_exist(service, notice, client):
    other = visits.live("krainpop")
    unknown = missing(client, visits.at("notice", other, 999_999))
    assert missing(client, visits.at("notice", other, notice.pk)) == unknown
    assert missing(client, visits.at("policy_version", other, 77)) == unknown
    assert missing(client, visits.at("service", "nobody")) == unknown


def missing(client, url):
    """The body of a page that is not there, without the address itself, which its language links repeat."""
    answer = client.get(url)
    assert answer.status_code == 404
    return answer.content.decode().replace(url.removeprefix("/en"), "")


def test_a_service_in_set_up_is_not_there(client):
    shut = cast.service("leje")
    for name in ("service", "policy", "sign_in", "account"):
        assert client.get(visits.at(name, shut)).status_code == 404
    assert shut.name not in client.get(reverse("members:home")).content.decode()


def test_no_change_without_the_mark_of_our_own_form(service):
    careful = Client(enforce_csrf_checks=True)
    for name in (
        "sign_in",
        "join",
        "join_code",
        "represent",
        "order_access",
        "code",
        "code_again",
        "sign_out",
        "withdraw",
        "cookies",
    ):
        answer = careful.post(visits.at(name))
        assert answer.status_code == 403
        assert "could not be checked" in answer.content.decode()


def _rows():
    return {
        "subjects": list(DataSubject.objects.values_list("pk", "status")),
        "ledger": LedgerEntry.objects.count(),
        "requests": RightsRequest.objects.count(),
        "mail": Delivery.objects.count(),
    }


def test_looking_changes_nothing(service, notice):
    client = visitors(service)["member"]
    before = _rows()
    for name in ROUTES:
        for method in ("get", "head", "options", "put", "patch", "delete"):
            getattr(client, method)(address(name, service, notice))
    assert _rows() == before


def test_pages_seen_with_a_session_are_never_stored(service, notice):
    client = visitors(service)["member"]
    for name in ROUTES:
        answer = client.get(address(name, service, notice))
        assert "no-store" in answer.headers["Cache-Control"], name


def test_the_bare_address_speaks_the_language_of_the_browser(client):
    assert client.get("/", headers={"accept-language": "ko-KR,ko;q=0.9"}).url == "/ko/"
    assert client.get("/", headers={"accept-language": "fr"}).url == "/en/"
