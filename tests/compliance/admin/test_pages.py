"""Every page of the office: who may open it, what it answers, what it leaves out."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import NoReverseMatch, reverse

from compliance.admin import menu
from compliance.admin.base import OfficeModelAdmin
from compliance.admin.changelist import CURSORS
from compliance.admin.site import check_page
from compliance.roles import ROLES, permissions_of
from tests.tools import office

pytestmark = pytest.mark.django_db(databases="__all__")


def model_pages() -> list[Any]:
    """Every registered page, by its label."""
    pages = admin.site._registry.values()
    return [pytest.param(page, id=page.opts.label_lower) for page in pages]


def url_of(page: Any, view: str, *args: Any) -> str:
    return reverse(f"admin:{page.opts.app_label}_{page.opts.model_name}_{view}", args=args)


@pytest.fixture
def mikmik() -> Any:
    return office.service()


@pytest.mark.parametrize("page", model_pages())
def test_every_registered_page_obeys_the_base(page: Any) -> None:
    assert isinstance(page, OfficeModelAdmin)
    check_page(type(page))
    assert page.list_per_page == 50
    assert page.show_full_result_count is False
    assert not page.list_editable
    assert not page.autocomplete_fields


@pytest.mark.parametrize("page", model_pages())
@pytest.mark.parametrize("role", list(ROLES))
def test_a_list_opens_for_the_roles_that_may_see_it(page: Any, role: str, mikmik: Any) -> None:
    client = office.sign_in(office.officer(role, mikmik))
    answer = client.get(url_of(page, "changelist"))
    allowed = page.view_permission in permissions_of([role])
    assert answer.status_code == (200 if allowed else page.refusal_status)
    if allowed:
        assert b"style=" not in answer.content
        assert b"<style" not in answer.content


@pytest.mark.parametrize("page", model_pages())
@pytest.mark.parametrize("role", list(ROLES))
def test_an_add_page_opens_for_the_roles_that_may_add(page: Any, role: str, mikmik: Any) -> None:
    client = office.sign_in(office.officer(role, mikmik))
    allowed = page.add_permission in permissions_of([role])
    refused = 403 if page.view_permission in permissions_of([role]) else page.refusal_status
    assert client.get(url_of(page, "add")).status_code == (200 if allowed else refused)


@pytest.mark.parametrize("page", model_pages())
def test_nobody_can_delete_anything(page: Any, mikmik: Any, rf: Any) -> None:
    request = rf.get("/")
    for role in ROLES:
        request.user = office.officer(role, mikmik, name=f"delete {role}".replace(" ", "-"))
        assert page.has_delete_permission(request) is False
        assert "delete_selected" not in page.get_actions(request)


@pytest.mark.parametrize("page", model_pages())
def test_columns_that_are_no_filter_cannot_be_asked_about(page: Any, mikmik: Any) -> None:
    roles = [role for role in ROLES if page.view_permission in permissions_of([role])]
    client = office.sign_in(office.officer(roles[0], mikmik))
    allowed = page.allowed_lookups() | set(CURSORS)  # A place in the list, never a question.
    for field in page.opts.get_fields():
        for lookup in ("", "__startswith", "__regex", "__contains", "__gt", "__in", "__isnull"):
            name = f"{field.name}{lookup}"
            if name in allowed:
                continue
            answer = client.get(url_of(page, "changelist"), {name: "a"})
            assert answer.status_code == 400, name


@pytest.mark.parametrize("page", model_pages())
def test_pop_ups_and_pickers_are_refused(page: Any, mikmik: Any) -> None:
    roles = [role for role in ROLES if page.view_permission in permissions_of([role])]
    client = office.sign_in(office.officer(roles[0], mikmik))
    for query in ({"_popup": "1"}, {"_to_field": "id"}):
        assert client.get(url_of(page, "changelist"), query).status_code == 400


@pytest.mark.parametrize("page", model_pages())
def test_a_character_that_no_database_takes_is_refused(page: Any, mikmik: Any) -> None:
    roles = [role for role in ROLES if page.view_permission in permissions_of([role])]
    client = office.sign_in(office.officer(roles[0], mikmik))
    for name in sorted(page.allowed_lookups()):
        assert client.get(url_of(page, "changelist"), {name: "a\0"}).status_code == 400, name


@pytest.mark.parametrize("page", menu.pages(), ids=lambda page: page.name)
@pytest.mark.parametrize("role", list(ROLES))
def test_pages_without_a_model_open_by_role(page: menu.Page, role: str, mikmik: Any) -> None:
    client = office.sign_in(office.officer(role, mikmik))
    try:
        url = reverse(f"admin:{page.name}")
    except NoReverseMatch:
        pytest.skip("this page belongs to one object")
    assert (client.get(url).status_code == 403) == (page.permission not in permissions_of([role]))


def test_strangers_and_members_are_sent_to_the_sign_in_page(mikmik: Any) -> None:
    for page in admin.site._registry.values():
        answer = Client().get(url_of(page, "changelist"))
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("admin:login"))


def test_an_officer_sees_rows_of_own_services_only(mikmik: Any) -> None:
    engoo = office.service("engoo", "ENG")
    here = office.officer("officer", mikmik)
    office.officer("handler", engoo, name="elsewhere")
    answer = office.sign_in(here).get(reverse("admin:compliance_officerappointment_changelist"))
    services = {row.service.slug for row in answer.context["cl"].result_list}
    assert services == {"mikmik"}


def test_an_object_of_another_service_does_not_exist(mikmik: Any) -> None:
    engoo = office.service("engoo", "ENG")
    other = office.officer("handler", engoo, name="elsewhere").appointments.get()
    client = office.sign_in(office.officer("officer", mikmik))
    url = reverse("admin:compliance_officerappointment_change", args=[other.pk])
    assert client.get(url, follow=True).redirect_chain[0][0] == reverse("admin:index")
    history = reverse("admin:compliance_officerappointment_history", args=[other.pk])
    assert client.get(history).status_code == 404


def test_appointing_writes_our_ledger_and_never_djangos_log(mikmik: Any) -> None:
    chief = office.officer("chief_officer", mikmik)
    new = office.officer("handler", name="new")
    client = office.sign_in(chief)
    form = {
        "account": new.pk,
        "service": mikmik.pk,
        "role": "handler",
        "appointed_on": "2026-11-23",
    }
    answer = client.post(reverse("admin:compliance_officerappointment_add"), form)
    assert answer.status_code == 302
    assert new.appointments.get().role == "handler"
    assert not LogEntry.objects.exists()
    url = reverse("admin:compliance_officerappointment_history", args=[new.appointments.get().pk])
    assert "Officer appointed" in client.get(url).content.decode()


def test_an_officer_cannot_appoint_into_a_service_of_others(mikmik: Any) -> None:
    engoo = office.service("engoo", "ENG")
    client = office.sign_in(office.officer("chief_officer", mikmik))
    new = office.officer("handler", name="new")
    form = {"account": new.pk, "service": engoo.pk, "role": "handler", "appointed_on": "2026-11-23"}
    answer = client.post(reverse("admin:compliance_officerappointment_add"), form)
    assert answer.status_code == 200
    assert not new.appointments.exists()


def test_ticking_all_unseen_rows_is_refused(mikmik: Any, rf: Any) -> None:
    page = next(iter(admin.site._registry.values()))
    request = rf.post("/", {"select_across": "1"})
    with pytest.raises(Exception, match="select_across"):
        page.response_action(request, page.model.objects.all())
