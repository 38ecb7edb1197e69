"""Who opens which page of policies, notices and services, and how many queries that takes."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from compliance.actions import policy_copy
from compliance.models import Notice, PolicyFinding, PolicyPurpose, PolicyVersion, Service
from compliance.roles import ROLES, permissions_of
from tests.tools import cast, office
from tests.tools.drafts import at

pytestmark = pytest.mark.django_db(databases="__all__")
PAGES = {
    "change": "policies.view",
    "check": "policies.view",
    "review": "policies.approve",
    "announce": "policies.announce",
    "cancel": "policies.announce",
    "move": "policies.announce",
}


@pytest.fixture
def mikmik() -> Service:
    return cast.service()


@pytest.fixture
def draft(mikmik: Service, now: Any) -> PolicyVersion:
    return policy_copy.copy_in_force(mikmik, actor=cast.officer("sora"), now=now)


@pytest.mark.parametrize("role", list(ROLES))
def test_pages_of_a_version_open_by_role(role: str, mikmik: Service, draft: PolicyVersion) -> None:
    client = office.sign_in(office.officer(role, mikmik))
    held = permissions_of([role])
    for name, needed in PAGES.items():
        refused = client.get(at(name, draft.pk)).status_code == 403
        assert refused == (needed not in held), name
    row = draft.purposes.first()
    edits = [
        client.get(at("row_add", draft.pk, "purposes")),
        client.get(at("row_remove", draft.pk, "purposes", row.pk)),
        client.get(at("text", draft.pk, "en")),
        client.get(at("upload")),
        client.post(at("row", draft.pk, "purposes", row.pk), {}),
        client.post(at("check", draft.pk), {}),
    ]
    assert all((answer.status_code == 403) == ("policies.edit" not in held) for answer in edits)
    copied = client.post(at("copy"), {"service": mikmik.pk}).status_code
    assert copied == (302 if "policies.edit" in held else 404)


@pytest.mark.parametrize("role", list(ROLES))
def test_pages_of_a_service_open_by_role(role: str, mikmik: Service) -> None:
    client = office.sign_in(office.officer(role, mikmik))
    held = permissions_of([role])
    seen = client.get(reverse("admin:compliance_service_change", args=[mikmik.pk])).status_code
    assert seen == (200 if "services.view" in held else 404)
    made = client.post(
        reverse("admin:compliance_service_approval", args=[mikmik.pk]), {}
    ).status_code
    expected = 302 if "services.manage" in held else 403 if "services.view" in held else 404
    assert made == expected


def test_versions_and_services_of_others_do_not_exist(
    mikmik: Service, draft: PolicyVersion
) -> None:
    leje = cast.service("leje")
    client = office.sign_in(office.officer("chief_officer", leje))
    row = draft.purposes.first()
    urls = [at(name, draft.pk) for name in PAGES]
    urls += [
        at("row", draft.pk, "purposes", row.pk),
        at("row_add", draft.pk, "purposes"),
        at("row_remove", draft.pk, "purposes", row.pk),
        at("facts", draft.pk, "service"),
        at("text", draft.pk, "en"),
        reverse("admin:compliance_service_change", args=[mikmik.pk]),
    ]
    assert {client.get(url).status_code for url in urls} == {404}
    assert {client.post(url).status_code for url in urls} <= {404, 405}
    assert client.post(at("copy"), {"service": mikmik.pk}).status_code == 404
    listed = client.get(at("changelist")).context["cl"].result_list
    assert {version.service_id for version in listed} == {leje.pk}


def test_a_row_of_another_version_does_not_open_under_this_one(
    mikmik: Service, draft: PolicyVersion
) -> None:
    client = office.sign_in(office.officer("officer", mikmik))
    strange = cast.version(mikmik).purposes.first()
    assert client.get(at("row", draft.pk, "purposes", strange.pk)).status_code == 404
    assert client.post(at("row_remove", draft.pk, "purposes", strange.pk)).status_code == 404
    assert client.get(at("row_add", draft.pk, "no_table")).status_code == 404
    assert client.get(at("facts", draft.pk, "items")).status_code == 404


def test_every_change_needs_the_token_of_the_page(mikmik: Service, draft: PolicyVersion) -> None:
    client = office.sign_in(office.officer("officer", mikmik), Client(enforce_csrf_checks=True))
    for url in (at("copy"), at("check", draft.pk), at("row_add", draft.pk, "purposes")):
        assert client.post(url, {}).status_code == 403
    assert PolicyVersion.objects.count() == 2


def test_the_list_takes_the_same_number_of_queries_for_one_version_and_for_many(
    mikmik: Service, now: Any
) -> None:
    author = office.officer("officer", mikmik)
    client = office.sign_in(author)
    client.get(at("changelist"))
    few = queries(client, at("changelist"))
    for _turn in range(6):
        policy_copy.copy_in_force(mikmik, actor=author, now=now)
    assert queries(client, at("changelist")) == few


def test_the_page_takes_the_same_number_of_queries_however_many_rows_it_shows(
    mikmik: Service, draft: PolicyVersion
) -> None:
    client = office.sign_in(office.officer("officer", mikmik))
    url = at("change", draft.pk) + "?tab=says"
    client.get(url)
    few = queries(client, url)
    for number in range(20):
        PolicyPurpose.objects.create(
            version=draft,
            position=900 + number,
            code=f"more_{number}",
            label="More",
            group="marketing",
            basis="consent",
        )
    assert queries(client, url) == few


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_notices_show_state_and_progress_and_cannot_be_changed(mikmik: Service, now: Any) -> None:
    notice = Notice.objects.create(
        service=mikmik,
        version=cast.version(mikmik),
        event=Notice.Event.REVISION_GENERAL,
        effective_on=now.date(),
        published_at=now,
        places=["homepage_notice"],
    )
    client = office.sign_in(office.officer("handler", mikmik))
    assert (
        "Policy change"
        in client.get(reverse("admin:compliance_notice_changelist")).content.decode()
    )
    url = reverse("admin:compliance_notice_change", args=[notice.pk])
    page = client.get(url).content.decode()
    assert "Notice board" in page and "Until it is taken down" in page and "being prepared" in page
    assert client.post(url, {"state": "withdrawn"}).status_code == 403


def test_a_service_goes_live_once_its_findings_are_settled(mikmik: Service) -> None:
    chief = office.sign_in(office.officer("chief_officer", mikmik))
    go = reverse("admin:compliance_service_go_live", args=[mikmik.pk])
    refused = chief.post(go)
    open_ones = list(PolicyFinding.objects.filter(version=cast.version(mikmik), blocks_live=True))
    assert open_ones and refused.status_code == 409
    assert all(f"finding-{finding.pk}" in refused.content.decode() for finding in open_ones)
    for finding in open_ones:
        url = reverse("admin:compliance_service_settle", args=[mikmik.pk, finding.pk])
        assert chief.post(url, {f"{finding.pk}-text": " "}).status_code == 422
        assert chief.post(url, {f"{finding.pk}-text": "Decided by the owner."}).status_code == 302
    assert chief.post(go).status_code == 302
    mikmik.refresh_from_db()
    assert mikmik.is_live


def test_one_officer_mode_needs_a_reason_and_is_told_to_the_ledger(mikmik: Service) -> None:
    chief = office.sign_in(office.officer("chief_officer", mikmik))
    url = reverse("admin:compliance_service_approval", args=[mikmik.pk])
    assert chief.post(url, {"enabled": "on"}).status_code == 422
    chief.post(url, {"enabled": "on", "reason": "The company has one officer."})
    mikmik.refresh_from_db()
    assert mikmik.one_officer_mode
    page = chief.get(reverse("admin:compliance_service_change", args=[mikmik.pk])).content.decode()
    assert "Who may approve alone was changed" in page


def test_the_end_of_separate_storage_is_set_on_the_page_and_told_to_the_ledger(
    mikmik: Service,
) -> None:
    chief = office.sign_in(office.officer("chief_officer", mikmik))
    url = reverse("admin:compliance_service_dormant_keep", args=[mikmik.pk])
    assert chief.get(url).status_code == 405
    assert chief.post(url, {"number": "0", "unit": "Y"}).status_code == 422
    assert chief.post(url, {"number": "18", "unit": "M"}).status_code == 302
    mikmik.refresh_from_db()
    assert mikmik.dormant_keep == "P18M"
    page = chief.get(reverse("admin:compliance_service_change", args=[mikmik.pk])).content.decode()
    assert 'value="18"' in page and "How long dormant members stay apart was set" in page
    chief.post(url, {"number": "", "unit": "Y"})
    mikmik.refresh_from_db()
    assert mikmik.dormant_keep == ""
    handler = office.sign_in(office.officer("handler", mikmik))
    assert handler.post(url, {"number": "1", "unit": "Y"}).status_code in (403, 404)


def test_a_policy_without_dormancy_asks_for_no_such_end() -> None:
    leje = cast.service("leje")
    chief = office.sign_in(office.officer("chief_officer", leje))
    page = chief.get(reverse("admin:compliance_service_change", args=[leje.pk])).content.decode()
    assert "dormant-keep" not in page


def test_an_officer_of_several_services_chooses_whose_policy_is_copied(mikmik: Service) -> None:
    leje = cast.service("leje")
    client = office.sign_in(office.officer("officer", mikmik, leje))
    page = client.get(at("changelist")).content.decode()
    assert '<select id="copy-service" name="service">' in page
    client.post(at("copy"), {"service": leje.pk})
    assert PolicyVersion.objects.get(state="draft").service == leje
    assert client.post(at("copy"), {"service": "1 or 1"}).status_code == 404
