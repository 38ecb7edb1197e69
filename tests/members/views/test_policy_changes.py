"""What a version changed, side by side: rows in plain words, and the text clause by clause."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compliance.models import PolicyVersion
from members import policy_changes
from tests.tools import versions, visits

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2027, 1, 4, 3, tzinfo=UTC)
BODY = "# Policy\n\n## 1 Collection\n\nWe collect **names**.\n\n## 2 Period\n\nKept 12 months.\n"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def service():
    return visits.live()


@pytest.fixture
def second(service):
    """A version that keeps log-in records twice as long and says so in its text."""
    draft = versions.draft(service, {"rejoin_log_12m": {"period": "P24M"}})
    longer = BODY.replace("12", "24") + "\n## 3 Children <b>x</b>\n\nNobody under 14.\n"
    versions.write_texts(draft, en=longer, ko="## 1 수집\n\n이름")
    return versions.put_in_force(draft, on=date(2026, 12, 23))


def page_of(client, number=2, **query):
    return client.get(visits.at("policy_changes", "mikmik", number), query)


@pytest.mark.promise("MIK-20a")
def test_changes_stand_in_plain_words_and_the_text_side_by_side(client, service, second):
    page = page_of(client)
    text = page.content.decode()
    assert "12 months before, 24 months from now on" in text
    assert page.context["comparison"].language == "en"
    assert "New clause" in text
    assert "Clause removed" in text
    assert "3 Children x" in text
    assert "<b>x" not in text


def test_marks_are_words_and_elements_and_not_colour_only(client, service, second):
    third = versions.draft(service, {})
    versions.write_texts(third, en=BODY.replace("12", "36"))
    versions.put_in_force(third, on=date(2027, 1, 2))
    text = page_of(client, 3).content.decode()
    assert '<del><span class="visually-hidden">[removed: </span>24 <' in text
    assert '<ins><span class="visually-hidden">[new: </span>36 <' in text
    assert "1 clause stays as it was" in text


def test_any_two_versions_can_be_compared(client, service, second):
    versions.put_in_force(versions.draft(service, {}), on=date(2027, 1, 2))
    numbers = {
        asked: page_of(client, 3, **{"with": asked}).context["before"].number
        for asked in ("1", "2", "", "3", "99", "x<script>")
    }
    assert numbers == {"1": 1, "2": 2, "": 2, "3": 2, "99": 2, "x<script>": 2}


def test_the_first_version_has_nothing_before_it(client, service):
    assert "This is the first version" in page_of(client, 1).content.decode()
    assert (
        visits.at("policy_changes", service, 1)
        not in client.get(visits.at("policy")).content.decode()
    )


def test_a_draft_is_compared_with_nothing(client, service):
    draft = versions.draft(service, {})
    assert page_of(client, draft.number).status_code == 404


def test_an_announced_version_is_compared_with_the_one_in_force(client, service):
    draft = versions.draft(service, {})
    PolicyVersion.objects.filter(pk=draft.pk).update(
        state="announced", effective_on=date(2027, 2, 5)
    )
    page = page_of(client, draft.number)
    assert page.context["before"].number == 1
    assert "Not a word of the text differs" in page.content.decode()


def test_the_language_of_the_reader_is_compared_where_both_versions_have_it(service, second):
    first = service.versions.get(number=1)
    third = versions.draft(service, {})
    versions.write_texts(third, ko="## 1 수집\n\n이름과 주소", en=BODY)
    assert policy_changes.compare(second, third, "ko").language == "ko"
    assert policy_changes.compare(first, third, "ko").language == "en"
    assert policy_changes.compare(second, third, "id").language == "en"


def test_versions_without_a_common_language_say_so(client, service, second):
    third = versions.draft(service, {})
    versions.write_texts(third, id="## 1 Data\n\nNama")
    versions.put_in_force(third, on=date(2027, 1, 2))
    assert "no text in the same language" in page_of(client, 3).content.decode()


def test_versions_without_any_text_are_compared_by_their_clauses(service):
    draft = versions.draft(service, {})
    versions.write_texts(draft)
    first = PolicyVersion.objects.get(number=1, service=service)
    comparison = policy_changes.compare(first, draft, "ko")
    assert comparison.language == "en"
    assert comparison.differing == []
    assert len(comparison.unchanged) == draft.clauses.count()


def test_the_pages_need_few_queries_however_many_versions_there_are(client, service, second):
    def queries(name, *args):
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert client.get(visits.at(name, service, *args)).status_code == 200
        return len(seen)

    pages = [("policy",), ("policy_changes", 2), ("recipients",), ("policy_version", 2)]
    for page in pages:  # Policies are remembered once they were read.
        queries(*page)
    before = [queries(*page) for page in pages]
    versions.put_in_force(versions.draft(service, {}), on=date(2027, 1, 2))
    for page in pages:
        queries(*page)
    assert [queries(*page) for page in pages] == before
    assert max(before) <= 14, before


def test_links_lead_to_the_comparison(client, service, second):
    link = visits.at("policy_changes", service, 2)
    assert link in client.get(visits.at("policy")).content.decode()
