"""What comes from outside: forms of other sites, foreign hosts, addresses to be sent on to; and every header."""

import html
import re
from datetime import UTC, datetime
from unittest import mock
from urllib.parse import urlsplit

import pytest
import time_machine
from django.test import Client

from compliance.models import LoginThrottle, Notice
from members.actions import password
from members.views import pages
from tests.tools import cast, routes, visits

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
RIGHT = "a kettle sings at noon"
# A mail program posts there with neither a cookie nor a page of ours (RFC 8058).
WITHOUT_TOKEN = {"one_click"}
FOREIGN = [
    "https://evil.example/",
    "http://evil.example",
    "//evil.example/",
    "///evil.example/",
    "////evil.example",
    "/\\evil.example/",
    "\\\\evil.example",
    "/\t/evil.example/",
    "/\n/evil.example/",
    "\x00//evil.example",
    " //evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "http:\\\\evil.example",
    "javascript:alert(1)//evil.example",
    "data:text/html,evil.example",
    "ftp://evil.example/",
    "//testserver@evil.example/",
    "https://testserver@evil.example/",
    "https://evil.example\\@testserver/",
    "//evil.example:80/",
    "//evil%2eexample/",
    "/%2f/evil.example/",
    "/..//evil.example/",
    "//[::1]/evil.example",
    "http://[::1",
    "/en/mikmik/\r\nLocation: //evil.example",
    "\u2044\u2044evil.example",
    "//ev\u0131l.example/",
]
HOSTS = [
    {"HTTP_HOST": "evil.example"},
    {"HTTP_HOST": "testserver.evil.example"},
    {"HTTP_HOST": "testserver:80@evil.example"},
    {"HTTP_HOST": "evil.example#testserver"},
    {"HTTP_X_FORWARDED_HOST": "evil.example"},
    {"HTTP_X_HOST": "evil.example"},
    {"HTTP_X_ORIGINAL_URL": "//evil.example/"},
    {"HTTP_X_REWRITE_URL": "//evil.example/"},
    {"HTTP_FORWARDED": "host=evil.example;proto=https"},
    {"HTTP_X_FORWARDED_SERVER": "evil.example"},
    {"HTTP_X_FORWARDED_PREFIX": "//evil.example"},
    {"HTTP_REFERER": "https://evil.example/"},
    {"HTTP_ORIGIN": "https://evil.example"},
]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def minji(client):
    found = cast.member(visits.live())
    password.set_password(found.account, RIGHT, actor=None, now=NOW)
    visits.sign_in(client, "minji-id")
    return found


@pytest.fixture
def addresses(minji):
    return routes.addresses("mikmik", routes.own(minji, now=NOW))


def leads_away(answer):
    """Whether an answer leads to somebody else, by redirect or by a link that a payload made."""
    places = re.findall(r'(?:href|action|formaction|src)="([^"]*)"', answer.getvalue().decode())
    away = [place for place in map(html.unescape, places) if "evil" in netloc(place)]
    place = answer.headers.get("Location", "")
    return bool(away or netloc(place) or re.match(r"\s*[a-z]+:", place))


def netloc(place):
    """The host of an address as a browser reads it: backslashes are slashes, tabs and newlines are nothing."""
    try:
        return urlsplit(re.sub(r"[\t\r\n]", "", place).strip().replace("\\", "/")).netloc
    except ValueError:
        return "evil: unreadable"


def sign_in(wanted, **more):
    browser = Client()
    form = {"identifier": "minji-id", "password": RIGHT, "way": "password", "next": wanted, **more}
    return browser.post(visits.at("sign_in"), form)


def test_no_address_to_be_sent_on_to_leads_away(client, minji):
    assert len(FOREIGN) == 30
    for wanted in FOREIGN:
        LoginThrottle.objects.all().delete()
        answers = [
            sign_in(wanted),
            Client().get(visits.at("sign_in"), {"next": wanted}),
            Client().get(visits.at("order_access"), {"next": wanted}),
            client.post(visits.at("language"), {"switch_language": "ko", "next": wanted}),
            client.post(visits.at("cookies"), {"next": wanted, "answer": "no"}),
            client.get(visits.at("account"), {"next": wanted}),
            Client().get(visits.at("account"), {"next": wanted}),
            client.post(visits.at("join"), {"next": wanted}),
        ]
        assert answers[0].status_code == 302
        found = [number for number, answer in enumerate(answers) if leads_away(answer)]
        assert found == [], wanted


def test_the_same_page_of_ours_is_still_led_to(client, minji):
    assert sign_in("/en/mikmik/account/data/?from=2").url == "/en/mikmik/account/data/?from=2"


def test_no_host_that_a_request_claims_makes_a_link_or_a_redirect(client, minji, addresses):
    for claimed in HOSTS:
        for name in sorted(addresses):
            answer = client.get(addresses[name], **claimed)
            assert not leads_away(answer), (name, claimed)
            if "HTTP_HOST" in claimed:
                assert answer.status_code == 400, (name, claimed)


def test_every_address_that_may_change_something_refuses_a_form_of_another_site(minji, addresses):
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(minji.account, backend="members.auth.MemberBackend")
    got = {
        name: {
            getattr(careful, method)(url).status_code
            for method in ("post", "put", "patch", "delete")
        }
        for name, url in addresses.items()
    }
    assert {name for name, codes in got.items() if codes != {403}} == WITHOUT_TOKEN
    assert got["one_click"] == {200, 405}


def test_a_token_of_another_browser_is_no_token(client, minji):
    careful = Client(enforce_csrf_checks=True)
    careful.get(visits.at("sign_in"))
    foreign = client.get(visits.at("sign_in")).context["csrf_token"]
    form = {"identifier": "minji-id", "csrfmiddlewaretoken": str(foreign)}
    assert careful.post(visits.at("sign_in"), form).status_code == 403


def every_kind_of_answer(client, addresses, notice):
    """All pages as signed in and as a stranger, and a refusal of every kind."""
    addresses |= {"notice": visits.at("notice", "mikmik", notice.pk)}
    for name, url in addresses.items():
        for who, client_of in (("member", client), ("stranger", Client())):
            yield f"{name} {who}", client_of.get(url)
            yield f"{name} {who} HEAD", client_of.head(url)
    careful, host = Client(enforce_csrf_checks=True), {"HTTP_HOST": "evil.example"}
    yield "403", careful.post(addresses["sign_in"])
    yield "404", client.get("/en/mikmik/nothing/here/")
    yield "405", client.put(addresses["account"])
    yield "400", client.get(addresses["account"], **host)
    for _ in range(6):
        form = {"identifier": "x", "password": "wrong", "way": "password"}
        answer = Client().post(addresses["sign_in"], form)
    yield "429", answer
    broken = Client(raise_request_exception=False)
    with mock.patch.object(pages, "show", side_effect=RuntimeError("a secret")):
        yield "500", broken.get(addresses["sign_in"])


def test_every_answer_carries_every_header(client, minji, addresses):
    notice = Notice.objects.create(
        service=minji.service,
        version=cast.version(minji.service),
        event="policy_revision_important",
        effective_on=NOW.date(),
        published_at=NOW,
        places=["first_page"],
    )
    seen, lacking = {}, []
    for name, answer in every_kind_of_answer(client, addresses, notice):
        seen[name] = answer.status_code
        lacking += [(name, fault) for fault in faults(answer)]
    assert lacking == []
    refusals = {name: code for name, code in seen.items() if name.isdigit()}
    assert refusals == {str(code): code for code in (403, 404, 405, 400, 429, 500)}


def faults(answer):
    """The headers that an answer does not have as it should."""
    policy = answer.headers.get("Content-Security-Policy", "")
    wanted = {
        "script-src 'self'": policy,
        "object-src 'none'": policy,
        "base-uri 'none'": policy,
        "frame-ancestors 'none'": policy,
        "form-action 'self'": policy,
        "nosniff": answer.headers.get("X-Content-Type-Options", ""),
        "same-origin": answer.headers.get("Referrer-Policy", ""),
        "camera=()": answer.headers.get("Permissions-Policy", ""),
    }
    yield from (words for words, value in wanted.items() if words not in value)
    if "unsafe" in policy:
        yield "unsafe"
    if "Cross-Origin-Opener-Policy" not in answer.headers:
        yield "Cross-Origin-Opener-Policy"
    if answer.cookies and "no-store" not in answer.headers.get("Cache-Control", ""):
        yield "no-store"


def test_over_https_every_answer_says_that_only_https_is_spoken(client, minji, addresses, settings):
    settings.SECURE_HSTS_SECONDS = 31_536_000
    fresh = Client()  # Reads the setting; the other one has begun without it.
    fresh.cookies = client.cookies
    for name, url in addresses.items():
        answer = fresh.get(url, secure=True)
        assert "max-age=31536000" in answer.headers.get("Strict-Transport-Security", ""), name
