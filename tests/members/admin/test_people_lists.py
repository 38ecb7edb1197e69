"""Lists of people: masked, found by exact value, limited to one's services, as fast at 50 as at 5."""

import json

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from compliance.models import LedgerEntry, Session
from compliance.roles import ROLES, permissions_of
from members.models import ConsentState, RightsRequest
from tests.tools import cast, office, visits

pytestmark = pytest.mark.django_db(databases="__all__")
MEMBERS, PURCHASERS = "admin:members_member_changelist", "admin:members_purchaser_changelist"
SEARCH = "admin:members_member_search"


def text(answer):
    return answer.content.decode()


def test_a_row_shows_masked_values_and_counts_only(client, minji, now):
    ConsentState.objects.create(
        subject=minji,
        purpose="advertising",
        answer="agreed",
        version=cast.version(minji.service),
        since=now,
    )
    RightsRequest.objects.create(
        reference="REF234567892",
        subject=minji,
        service=minji.service,
        kind="access",
        channel="web",
        received_at=now,
    )
    page = text(client.get(reverse(MEMBERS)))
    assert f"p_{minji.public_id[:8]}" in page
    assert "M***i" in page and "mi***@mail.example" in page
    for raw in ("Minji", "minji@mail.example", "minji-id", "010-2345-6789", minji.public_id):
        assert raw not in page
    optional = [
        one
        for one in cast.policy_values(cast.version(minji.service)).purposes
        if one.separate_consent
    ]
    assert f"1/{len(optional)}" in page


def test_members_and_purchasers_have_lists_of_their_own(client, mikmik, minji):
    guest = visits.purchaser(mikmik, "A-100")
    members, purchasers = text(client.get(reverse(MEMBERS))), text(client.get(reverse(PURCHASERS)))
    assert minji.public_id[:8] in members and minji.public_id[:8] not in purchasers
    assert guest.public_id[:8] in purchasers and guest.public_id[:8] not in members


def queries_of(client, url):
    """How many queries each database sees for a page."""
    contexts = {
        name: CaptureQueriesContext(connections[name]) for name in ("default", "archive", "keyring")
    }
    for context in contexts.values():
        context.__enter__()
    assert client.get(url).status_code == 200
    for context in contexts.values():
        context.__exit__(None, None, None)
    return {name: len(context) for name, context in contexts.items()}


def test_fifty_people_cost_as_many_queries_as_five(client, mikmik):
    for number in range(5):
        visits.person(mikmik, name=f"person{number}")
    client.get(reverse(MEMBERS))  # The policy in force is read once for all.
    few = queries_of(client, reverse(MEMBERS))
    for number in range(5, 52):
        visits.person(mikmik, name=f"person{number}")
    assert queries_of(client, reverse(MEMBERS)) == few
    assert few == {"default": few["default"], "archive": 0, "keyring": 1} and few["default"] <= 15


@pytest.mark.parametrize(
    "value",
    [
        "minji@mail.example",
        "MINJI@mail.example ",
        "minji-id",
        "Minji",
        "010-2345-6789",
        "01023456789",
    ],
)
def test_an_exact_value_leads_to_the_person(client, minji, value):
    answer = client.post(reverse(SEARCH), {"value": value})
    assert answer["Location"] == reverse("admin:members_member_change", args=[minji.pk])


def test_an_order_number_leads_to_the_purchaser(client, mikmik):
    guest = visits.purchaser(mikmik, "ORD-2026-77")
    answer = client.post(reverse(SEARCH), {"value": "ORD-2026-77"})
    assert answer["Location"] == reverse("admin:members_purchaser_change", args=[guest.pk])


def test_a_number_leads_to_the_person(client, minji):
    answer = client.post(reverse(SEARCH), {"value": f"p_{minji.public_id[:8]}"})
    assert answer["Location"] == reverse("admin:members_member_change", args=[minji.pk])


def test_several_found_are_kept_under_a_token_and_no_value_stays_anywhere(
    client, mikmik, named, caplog
):
    first, second = named("Zelda Quincey"), named("Zelda Quincey")
    cast.member(mikmik, "three")
    entries = LedgerEntry.objects.count()
    with caplog.at_level("DEBUG"):
        answer = client.post(reverse(SEARCH), {"value": "Zelda Quincey"})
        page = client.get(answer["Location"])
    assert {row.pk for row in page.context["cl"].result_list} == {first.pk, second.pk}
    stored = json.dumps(dict(client.session)) + "".join(
        one.session_data for one in Session.objects.all()
    )
    told = " ".join(str(one.data) for one in LedgerEntry.objects.all())
    logged = " ".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("django.db")
    )
    for place in (answer["Location"], stored, told, logged, text(page)):
        assert "zelda" not in place.lower() and "quincey" not in place.lower()
    assert LedgerEntry.objects.count() == entries


def test_a_token_of_another_session_finds_nobody(client, mikmik, named):
    for _twin in range(2):
        named("Same Name")
    answer = client.post(reverse(SEARCH), {"value": "Same Name"})
    other = office.sign_in(office.officer("officer", mikmik, name="other"))
    assert list(other.get(answer["Location"]).context["cl"].result_list) == []


def test_nobody_found_says_so_and_a_get_searches_nothing(client, minji):
    answer = client.post(reverse(SEARCH), {"value": "nobody@mail.example"}, follow=True)
    assert "Nobody holds exactly this value" in text(answer)
    assert "nobody@" not in text(answer)
    assert client.get(reverse(SEARCH), {"value": "Minji"})["Location"] == reverse(MEMBERS)


def test_a_person_of_another_service_is_not_found_and_does_not_exist(client, minji):
    leje = visits.live("leje")
    other = visits.person(leje, name="sora")
    answer = client.post(reverse(SEARCH), {"value": "sora@mail.example"})
    assert answer["Location"] == reverse(MEMBERS)
    assert other.public_id[:8] not in text(client.get(reverse(MEMBERS)))
    for view in ("change", "history", "withdraw", "hold"):
        assert (
            client.get(reverse(f"admin:members_member_{view}", args=[other.pk])).status_code == 404
        )


@pytest.mark.parametrize("role", list(ROLES))
def test_people_open_for_the_roles_that_may_see_them_masked(role, mikmik, minji):
    signed_in = office.sign_in(office.officer(role, mikmik))
    granted = permissions_of([role])
    expected = 200 if "members.view_masked" in granted else 403
    for url in (reverse(MEMBERS), reverse(PURCHASERS)):
        assert signed_in.get(url).status_code == expected, url
    person = reverse("admin:members_member_change", args=[minji.pk])
    for url in (person, f"{person}?tab=data"):
        assert signed_in.get(url).status_code == (200 if expected == 200 else 404), url
    assert signed_in.post(reverse(SEARCH), {"value": "x"}).status_code == (
        302 if expected == 200 else 403
    )
    for view, permission in (("withdraw", "members.withdraw"), ("hold", "holds.manage")):
        allowed = "members.view_masked" in granted and permission in granted
        url = reverse(f"admin:members_member_{view}", args=[minji.pk])
        assert signed_in.get(url).status_code in ((200,) if allowed else (403, 404)), view


def test_filters_and_quick_views_narrow_the_list(client, mikmik, minji):
    sora = visits.person(mikmik, name="sora")
    url = reverse(MEMBERS)
    by_language = client.get(url, {"language": "en"}).context["cl"].result_list
    assert [one.pk for one in by_language] == [sora.pk]
    assert client.get(url, {"status__exact": "leaving"}).context["cl"].result_list == []
    assert len(client.get(url, {"service": "mikmik", "used": "335"}).context["cl"].result_list) == 2
