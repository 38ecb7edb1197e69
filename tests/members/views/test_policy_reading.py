"""The text of a policy: contents, languages, what a translation says of itself, and the list of recipients."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.urls import translate_url

from compliance.policy_data import data_of
from members import markdown
from tests.tools import cast, versions, visits

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
WORDS = "## 1 Heading\n\nWords"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def service():
    return visits.live()


def second(service, **bodies):
    """Put a version with these texts in the place of the first one, which cannot change any more."""
    draft = versions.draft(service, {})
    versions.write_texts(draft, **bodies)
    return versions.put_in_force(draft, on=date(2026, 11, 20))


def test_headings_have_anchors_of_their_own_and_make_the_contents():
    text = "# T\n\n## 3 Links & <b>more</b>\n\n### inner\n\n## 3 Links & more\n\n## 수집 항목\n"
    found = markdown.contents(text)
    assert [one.words for one in found] == ["3 Links & more", "3 Links & more", "수집 항목"]
    html = markdown.as_html(text)
    assert len({one.anchor for one in found}) == 3
    for heading in found:
        assert f'id="{heading.anchor}"' in html
        assert heading.anchor.startswith("clause-")


def test_the_contents_lead_to_every_clause(client, service):
    page = client.get(visits.at("policy"))
    text = page.content.decode()
    headings = page.context["reading"].headings
    assert len(headings) == len(data_of(cast.version(service))["clauses"])
    for heading in headings:
        assert text.count(f'"#{heading.anchor}"') == 1
        assert text.count(f'id="{heading.anchor}"') == 1


def test_a_page_without_text_shows_the_clauses_with_contents(client, service):
    second(service)
    text = client.get(visits.at("policy")).content.decode()
    assert 'href="#clause-1"' in text
    assert 'id="clause-1"' in text


def test_a_missing_language_is_said_and_the_others_are_linked(client, service):
    page = client.get(translate_url(visits.at("policy"), "id"))
    assert page.context["reading"].missing_language
    second(service, en=WORDS, id=WORDS)
    page = client.get(translate_url(visits.at("policy"), "id"))
    text = page.content.decode()
    assert page.context["reading"].missing_language == ""
    assert '<div lang="id">' in text
    assert '<a href="/en/mikmik/policy/" hreflang="en">' in text


@pytest.mark.promise("ENG-8")
def test_a_translation_says_that_it_is_one_and_links_the_text_that_counts(client):
    engoo = visits.live("engoo")
    english = client.get(visits.at("policy", engoo)).content.decode()
    assert "This is a translation" not in english  # There is no text that counts to link yet.
    second(engoo, en=WORDS, id=WORDS)
    english = client.get(visits.at("policy", engoo)).content.decode()
    assert "This is a translation" in english
    assert 'href="/id/engoo/policy/" hreflang="id"' in english
    assert "translation" not in client.get("/id/engoo/policy/").content.decode()


def test_a_text_in_a_language_without_pages_can_be_read(client, service):
    second(service, en=WORDS, fr=WORDS)
    text = client.get(visits.at("policy"), {"text": "fr"}).content.decode()
    assert '<div lang="fr">' in text
    assert "?text=fr" in client.get(visits.at("policy")).content.decode()
    assert '<div lang="en">' in client.get(visits.at("policy"), {"text": "xx"}).content.decode()


@pytest.mark.promise("MIK-6.4a")
def test_the_list_of_recipients_is_public_and_says_since_when_it_counts(client, service):
    page = client.get(visits.at("recipients"))
    text = page.content.decode()
    names = {line.name for line in page.context["recipients"]}
    assert len(names) == len(data_of(cast.version(service))["recipients"])
    assert all(name in text for name in (name.replace("'", "&#x27;") for name in names))
    assert "version 1, since 20 Jan 2017" in text
    assert "3 months" in text


@pytest.mark.promise("MIK-6.4a")
def test_a_service_in_set_up_lists_nobody(client):
    cast.service("mikmik")
    assert client.get(visits.at("recipients")).status_code == 404
