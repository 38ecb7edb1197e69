"""Readings and cases in the office: role by role, with a second officer, and nothing for everybody else."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from compliance import duties
from compliance.models import LedgerEntry, Service
from members.actions import case_flag, dormancy_move, withdrawal
from members.archive.models import ArchivedRecord, ArchivedSubject
from members.models import ArchiveReading, CaseFlag, Restriction
from tests.tools import cast, office, sleepers, visits

pytestmark = pytest.mark.django_db(databases="__all__")
SECRET = "Shirt 29,000 KRW"


@pytest.fixture
def left(minji):
    opened = withdrawal.request(minji, channel="web", actor=None, now=timezone.now())
    withdrawal.carry_out(opened, now=timezone.now())
    return ArchivedSubject.objects.get()


@pytest.fixture
def second(mikmik):
    return office.sign_in(office.officer("chief_officer", mikmik, name="juno"))


def ask_url(left):
    return reverse("admin:members_archivereading_ask", args=[left.pk])


def url(view, pk):
    return reverse(f"admin:members_archivereading_{view}", args=[pk])


def asked(client, left):
    answer = client.post(
        ask_url(left), {"ground": "statutory_retention", "items": ["payment_records"]}
    )
    assert answer.status_code == 302
    return ArchiveReading.objects.get()


@pytest.mark.promise("MIK-5.2a", "LEJ-DES-2")
def test_a_reading_goes_from_asking_over_a_second_officer_to_one_opening(client, second, left):
    page = client.get(reverse("admin:archive_archivedsubject_change", args=[left.pk]))
    assert ask_url(left) in page.content.decode() and SECRET not in page.content.decode()
    form = client.get(ask_url(left)).context["form"]
    assert {code for code, _ in form.fields["ground"].choices} == {
        "statutory_retention",
        "dispute",
        "agency_request",
        "duplicate_join_prevention",
        "abuse_prevention",
    }
    reading = asked(client, left)
    assert url("decide", reading.pk) in second.get(url("change", reading.pk)).content.decode()
    assert b"You asked" in client.get(url("decide", reading.pk)).content
    client.post(url("decide", reading.pk), {"step": "release"})
    reading.refresh_from_db()
    assert reading.state == "asked"
    assert second.get(url("decide", reading.pk)).status_code == 200
    second.post(url("decide", reading.pk), {"step": "release"})
    assert SECRET not in client.get(url("read", reading.pk)).content.decode()
    answer = client.post(url("read", reading.pk))
    assert SECRET in answer.content.decode() and "no-store" in answer["Cache-Control"]
    assert SECRET not in second.post(url("read", reading.pk), follow=True).content.decode()
    for again in (
        client.post(url("read", reading.pk), follow=True),
        client.get(url("read", reading.pk)),
    ):
        words = again.content.decode()
        assert SECRET not in words and "were shown once" in words and ask_url(left) in words
    assert LedgerEntry.objects.filter(code="members.archive.opened").count() == 1
    for address in (url("change", reading.pk), reverse("admin:members_archivereading_changelist")):
        assert SECRET not in client.get(address).content.decode()


@pytest.mark.promise("LEJ-DES-2", "MIK-5.2a")
@pytest.mark.parametrize("role", ["marketing", "handler", "administrator"])
def test_for_other_roles_there_is_no_page_and_the_ledger_has_the_try(
    client, second, left, mikmik, role
):
    reading = asked(client, left)
    other = office.sign_in(office.officer(role, mikmik, name="other"))
    before = LedgerEntry.objects.filter(code="members.archive.read_refused").count()
    pages = [
        ask_url(left),
        url("decide", reading.pk),
        url("read", reading.pk),
        url("change", reading.pk),
        reverse("admin:members_archivereading_changelist"),
    ]
    assert [other.get(page).status_code for page in pages] == [404] * 5
    assert other.post(url("read", reading.pk)).status_code == 404
    refused = LedgerEntry.objects.filter(code="members.archive.read_refused").count()
    assert refused - before == 6


@pytest.mark.promise("LEJ-DES-2")
def test_the_auditor_sees_every_reading_and_can_neither_ask_nor_release_nor_open(
    client, second, left, mikmik
):
    reading = asked(client, left)
    second.post(url("decide", reading.pk), {"step": "release"})
    client.post(url("read", reading.pk))
    auditor = office.sign_in(office.officer("auditor", mikmik, name="vera"))
    listed = auditor.get(reverse("admin:members_archivereading_changelist")).content.decode()
    shown = auditor.get(url("change", reading.pk)).content.decode()
    for page in (listed, shown):
        assert str(reading.asked_by) in page and str(second_officer()) in page
        assert "Shown" in page and SECRET not in page
    for page in (ask_url(left), url("decide", reading.pk), url("read", reading.pk)):
        assert auditor.get(page).status_code == auditor.post(page, {}).status_code == 404
        assert page not in listed and page not in shown


def second_officer():
    return ArchiveReading.objects.get().decided_by


@pytest.mark.promise("LEJ-DES-2")
def test_marketing_finds_no_page_about_people_apart(left, mikmik):
    marketing = office.sign_in(office.officer("marketing", mikmik))
    record = ArchivedRecord.objects.first()
    for address in (
        reverse("admin:archive_archivedsubject_changelist"),
        reverse("admin:archive_archivedsubject_change", args=[left.pk]),
        reverse("admin:archive_archivedrecord_changelist"),
        reverse("admin:archive_archivedrecord_change", args=[record.pk]),
    ):
        assert marketing.get(address).status_code == 404, address


@pytest.mark.promise("MIK-5.4a")
def test_marketing_is_refused_even_the_number_of_rejoin_digests(left, mikmik):
    marketing = office.sign_in(office.officer("marketing", mikmik))
    assert marketing.get(reverse("admin:rejoin_digests")).status_code == 403


def test_an_officer_of_another_service_finds_nothing(left, client):
    reading = asked(client, left)
    leje = visits.live("leje")
    other = office.sign_in(office.officer("officer", leje, name="hana"))
    assert other.get(ask_url(left)).status_code == 404
    assert other.get(url("read", reading.pk)).status_code == 404
    assert other.get(url("change", reading.pk)).status_code == 404


def test_people_apart_are_not_found_by_their_address(client, left):
    answer = client.post(
        reverse("admin:members_member_search"), {"value": "minji@mail.example"}, follow=True
    )
    assert "Nobody holds exactly this value" in answer.content.decode()


def propose_url(person):
    return reverse("admin:members_caseflag_propose", args=[person.pk])


def case_url(view, pk):
    return reverse(f"admin:members_caseflag_{view}", args=[pk])


@pytest.mark.promise("MIK-8.3")
def test_a_case_is_proposed_confirmed_by_another_and_ended_on_its_pages(client, second, minji):
    page = reverse("admin:members_member_change", args=[minji.pk])
    assert propose_url(minji) in client.get(page).content.decode()
    day = timezone.localdate().isoformat()
    given = {"rule_code": "illegal_use_1m", "reason": "impersonation", "found_on": day}
    wrong = client.post(propose_url(minji), given | {"reason": "fraud_finding"})
    assert "This reason does not fit the rule." in wrong.content.decode()
    client.post(propose_url(minji), given)
    flag = CaseFlag.objects.get()
    client.post(case_url("confirm", flag.pk), {"step": "confirm"})
    assert not Restriction.objects.exists()
    assert case_url("confirm", flag.pk) in second.get(case_url("change", flag.pk)).content.decode()
    assert second.get(case_url("confirm", flag.pk)).status_code == 200
    second.post(case_url("confirm", flag.pk), {"step": "confirm"})
    assert Restriction.objects.get().ground == "illegal_use"
    client.post(case_url("review", flag.pk), {"answer": "keep:impersonation"})
    flag.refresh_from_db()
    assert flag.reviewed_at
    second.post(case_url("review", flag.pk), {"answer": "end:cleared"})
    flag.refresh_from_db()
    assert (flag.end_reason, Restriction.objects.filter(ended_at=None).count()) == ("cleared", 0)
    register = client.get(reverse("admin:members_caseflag_changelist")).content.decode()
    assert "Ended" in register and "minji@" not in register


@pytest.mark.parametrize(("role", "code"), [("marketing", 404), ("handler", 403), ("auditor", 404)])
def test_other_roles_record_no_case(minji, mikmik, role, code):
    other = office.sign_in(office.officer(role, mikmik, name="other"))
    assert other.get(propose_url(minji)).status_code == code
    assert other.post(propose_url(minji), {}).status_code == code
    assert not CaseFlag.objects.exists()


@pytest.mark.promise("LEJ-RET-1")
def test_the_officer_is_told_of_cases_to_confirm_and_to_look_at_again(minji, mikmik, now):
    mina, juno = cast.officer("mina", mikmik), cast.officer("juno", mikmik)
    flag = case_flag.propose(
        minji,
        rule_code="illegal_use_1m",
        reason="repeated_joining",
        found_on=now.date(),
        actor=mina,
        now=now,
    )

    def titles(at):
        return {str(one.title) for one in duties.due(Service.objects.all(), at)}

    assert "Cases that wait for a second officer" in titles(now)
    case_flag.confirm(flag, actor=juno, now=now)
    assert "Cases to look at again" not in titles(now.replace(year=2027, day=22))
    assert "Cases to look at again" in titles(now.replace(year=2027))


def test_a_hold_is_set_on_the_page_of_somebody_who_has_left(client, left, minji):
    page = reverse("admin:members_member_hold", args=[minji.pk])
    client.post(page, {"ground": "legal_request", "blocks_use": "on", "blocks_destruction": "on"})
    hold = Restriction.objects.get()
    assert (hold.ground, hold.blocks_use, hold.blocks_destruction) == ("legal_request", False, True)


def page_of(client, obj):
    address = reverse(f"admin:{obj._meta.label_lower.replace('.', '_')}_change", args=[obj.pk])
    return client.get(address).content.decode()


def list_of(client, name):
    return client.get(reverse(f"admin:archive_{name}_changelist")).content.decode()


RAW = ("payment_5y", "contract_5y", "payment_records", "contract_records", "None", "nonmember")


@pytest.mark.promise("MIK-5.2.2")
def test_a_person_and_a_record_apart_are_explained_in_words(client, left):
    record = ArchivedRecord.objects.get(rule_code="payment_5y", item_codes=["payment_records"])
    for page in (page_of(client, left), page_of(client, record)):
        assert (
            "because clause 5.2.2 says so: Records of payment and supply of goods, 5 years" in page
        )
        assert "Then it is destroyed." in page
        assert not [code for code in RAW if f">{code}<" in page or f" {code} " in page]
    for name in ("archivedsubject", "archivedrecord"):
        assert not [code for code in RAW if f">{code}<" in list_of(client, name)], name
    assert (
        "Identity details held against"
        in client.get(reverse("admin:rejoin_digests")).content.decode()
    )


@pytest.mark.promise("MIK-5.5b")
def test_a_dormant_record_without_a_last_day_says_so_and_the_person_says_since_when(client, mikmik):
    person = sleepers.member(mikmik, cast.officer("juno", mikmik))
    dormancy_move.set_apart(timezone.now(), mikmik)
    account = ArchivedRecord.objects.filter(rule_code="dormancy_1y", due_on=None).first()
    assert "No end known yet" in page_of(client, account)
    page = client.get(f"{person_page(person)}?tab=data").content.decode()
    assert page.count("Stored apart as dormant since") > 1 and "no other end is set" in page
    handler = office.sign_in(office.officer("handler", mikmik, name="other"))
    page = handler.get(f"{person_page(person)}?tab=data").content.decode()
    assert page.count("Stored apart as dormant since") == 1


def person_page(person):
    return reverse("admin:members_member_change", args=[person.pk])


def test_the_list_of_records_apart_costs_the_same_for_many(client, left, mikmik):
    list_of(client, "archivedrecord")
    with CaptureQueriesContext(connection) as few:
        list_of(client, "archivedrecord")
    other = cast.member(mikmik, "sora")
    cast.history(other)
    opened = withdrawal.request(other, channel="web", actor=None, now=timezone.now())
    withdrawal.carry_out(opened, now=timezone.now())
    with CaptureQueriesContext(connection) as many:
        list_of(client, "archivedrecord")
    assert len(few) == len(many)


def test_the_holds_of_a_person_name_a_case_in_force(client, minji, mikmik, now):
    nothing = "Nothing is held back"
    assert nothing in client.get(person_page(minji)).content.decode()
    flag = case_flag.propose(
        minji,
        rule_code="illegal_use_1m",
        reason="repeated_joining",
        found_on=now.date(),
        actor=cast.officer("nari", mikmik),
        now=now,
    )
    assert nothing in client.get(person_page(minji)).content.decode()
    case_flag.confirm(flag, actor=cast.officer("juno", mikmik), now=now)
    page = client.get(person_page(minji)).content.decode()
    assert nothing not in page
    assert "held by a confirmed case: Information used illegally" in page
    assert reverse("admin:members_caseflag_change", args=[flag.pk]) in page


def test_the_service_of_somebody_apart_is_shown_by_its_name(client, left):
    Service.objects.filter(slug="mikmik").update(name="Mik & Mik")
    pages = (
        reverse("admin:archive_archivedsubject_changelist"),
        reverse("admin:archive_archivedsubject_change", args=[left.pk]),
        reverse("admin:rejoin_digests"),
    )
    for page in pages:
        shown = client.get(page).content.decode().split("<main")[-1]
        assert "Mik &amp; Mik" in shown and ">mikmik<" not in shown, page
