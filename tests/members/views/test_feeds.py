"""Feeds of notices and the script for the company's own pages: valid, public, the same for all."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from compliance.models import Notice
from members import urls
from tests.tools import cast, versions, visits

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
ATOM = "{http://www.w3.org/2005/Atom}"
PUBLIC = ("notices_json", "notices_atom")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def service():
    return visits.live()


def post_notice(service, **changed):
    values = {
        "version": cast.version(service),
        "event": "policy_revision_important",
        "effective_on": date(2026, 12, 24),
        "published_at": NOW - timedelta(minutes=1),
        "places": ["homepage_notice", "first_page"],
    }
    return Notice.objects.create(service=service, **{**values, **changed})


def feed(client, **headers):
    return client.get(visits.at("notices_json"), headers=headers)


@pytest.mark.promise("KRN-9")
def test_a_running_notice_is_in_the_feed_with_its_days(client, service):
    notice = post_notice(service, shown_until=datetime(2026, 12, 23, 15, tzinfo=UTC))
    answer = feed(client)
    assert answer["Content-Type"] == "application/feed+json; charset=utf-8"
    said = json.loads(answer.content)
    assert said["version"] == "https://jsonfeed.org/version/1.1"
    assert said["feed_url"] == settings.SITE_URL.rstrip("/") + visits.at("notices_json")
    (item,) = said["items"]
    assert item["id"] == settings.SITE_URL.rstrip("/") + visits.at("notice", service, notice.pk)
    assert item["title"] == "The privacy policy changes on 24 Dec 2026"
    assert item["content_text"]
    assert datetime.fromisoformat(item["date_published"]) == notice.published_at
    assert item["_privacy_notice"] == {
        "kind": "Important policy change",
        "posted_on": "2026-11-23",
        "effective_on": "2026-12-24",
        "time_zone": "Asia/Seoul",
        "days_ahead": 30,
        "on_first_page": True,
        "shown_until": "2026-12-23T15:00:00+00:00",
        "link_text": "Read what changes",
    }


@pytest.mark.promise("KRN-9")
def test_a_notice_leaves_the_first_page_when_it_is_over_and_stays_in_the_feed(client, service):
    post_notice(service, shown_until=NOW)
    (item,) = json.loads(feed(client).content)["items"]
    assert item["_privacy_notice"]["on_first_page"] is False


def test_a_notice_for_the_board_alone_is_not_for_the_first_page(client, service):
    post_notice(service, places=["policy"])
    (item,) = json.loads(feed(client).content)["items"]
    assert item["_privacy_notice"]["on_first_page"] is False


@pytest.mark.parametrize("changed", [{"state": "withdrawn"}, {"published_at": NOW + timedelta(1)}])
def test_what_is_taken_down_or_not_out_yet_is_in_no_feed(client, service, changed):
    post_notice(service, **changed)
    assert json.loads(feed(client).content)["items"] == []
    assert b"<entry>" not in client.get(visits.at("notices_atom")).content


def test_a_feed_says_what_changes_in_the_words_of_the_notice(client, service):
    version = versions.draft(service, {"rejoin_log_12m": {"period": "P24M"}})
    versions.put_in_force(version)
    post_notice(service, version=version)
    (item,) = json.loads(feed(client).content)["items"]
    assert "Log-in records and connection IP after leaving" in item["content_text"]
    assert item["content_html"].startswith("<p>")


def test_the_atom_feed_has_all_that_rfc_4287_asks_for(client, service):
    notice = post_notice(service)
    answer = client.get(visits.at("notices_atom"))
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    root = ElementTree.fromstring(answer.content)
    assert root.tag == f"{ATOM}feed"
    for name in ("id", "title", "updated", "author"):
        assert len(root.findall(ATOM + name)) == 1, name
    assert {link.get("rel") for link in root.findall(f"{ATOM}link")} == {"alternate", "self"}
    (entry,) = root.findall(f"{ATOM}entry")
    address = settings.SITE_URL.rstrip("/") + visits.at("notice", service, notice.pk)
    assert entry.findtext(f"{ATOM}id") == address
    assert entry.findtext(f"{ATOM}updated") == "2026-11-23T02:59:00+00:00"
    assert "changes on 24 Dec 2026" in entry.findtext(f"{ATOM}title")


def test_an_empty_feed_is_valid_and_does_not_change_with_the_clock(client, service):
    first = client.get(visits.at("notices_atom"))
    with time_machine.travel(NOW + timedelta(days=3), tick=False):
        assert client.get(visits.at("notices_atom")).content == first.content
    root = ElementTree.fromstring(first.content)
    assert root.findtext(f"{ATOM}updated") == "2024-03-02T01:00:00+00:00"


@pytest.mark.parametrize("language", ["ko", "id"])
def test_a_feed_speaks_the_language_of_its_address(client, service, language):
    post_notice(service)
    said = json.loads(client.get(f"/{language}/mikmik/notices/feed.json").content)
    assert said["language"] == language
    assert f"/{language}/mikmik/notices/" in said["items"][0]["url"]


def addresses():
    return [*(visits.at(name) for name in PUBLIC), reverse("notices_script")]


@pytest.mark.parametrize("place", range(3))
def test_answers_are_the_same_for_all_and_may_be_kept_and_asked_again(service, place):
    post_notice(service)
    address, client = addresses()[place], Client()
    first = client.get(address)
    assert first.status_code == 200
    assert not first.cookies
    assert first["Cache-Control"] == "public, max-age=300"
    assert "Cookie" not in first.get("Vary", "")
    assert first["Access-Control-Allow-Origin"] == "*"
    assert first["Cross-Origin-Resource-Policy"] == "cross-origin"
    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert again["Access-Control-Allow-Origin"] == "*"
    assert not again.content
    Notice.objects.update(state="withdrawn")
    changed = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == (200 if "feed" in address else 304)


@pytest.mark.parametrize("method", ["post", "put", "delete", "options", "patch"])
def test_nobody_can_do_more_than_read(client, service, method):
    for address in addresses():
        assert getattr(client, method)(address).status_code == 405


def test_no_other_page_can_be_read_from_elsewhere(client, service):
    names = [one.name for one in urls.urlpatterns if set(one.pattern.converters) == {"service"}]
    answers = {
        name: client.get(visits.at(name, service), headers={"Origin": "https://x.example"})
        for name in names
    }
    readable = {name for name, one in answers.items() if "Access-Control-Allow-Origin" in one}
    assert readable == set(PUBLIC)


def test_a_service_in_set_up_has_no_feed(client):
    cast.service("mikmik")
    assert [client.get(visits.at(name)).status_code for name in PUBLIC] == [404, 404]


def test_a_feed_needs_the_same_queries_for_one_notice_and_for_many(client, service):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            feed(client)
        return len(seen)

    post_notice(service)
    queries()
    one = queries()
    for _ in range(3):
        version = versions.put_in_force(versions.draft(service, {}))
        post_notice(service, version=version)
    queries()
    assert queries() == one <= 4


def test_the_script_knows_the_languages_of_the_house_and_writes_no_markup(client):
    text = client.get(reverse("notices_script")).content.decode()
    languages = re.search(r"LANGUAGES = (\[.*?\])", text)
    assert json.loads(languages.group(1)) == [code for code, _name in settings.LANGUAGES]
    assert not re.search(r"innerHTML|document\.write|eval|cookie|localStorage", text.split("*/")[1])
