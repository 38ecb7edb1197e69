"""Service is refused on a stated ground, with facts and an end; a settled debt comes before the officer."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from compliance import duties
from compliance.models import Account, LedgerEntry, Service
from compliance.promise_gaps import gaps
from compliance.roles import ROLES, permissions_of
from members.actions import restriction, service_block, subject
from members.models import ServiceBlock
from tests.tools import cast, office

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.servers]
NOW = datetime(2026, 11, 25, 3, tzinfo=UTC)
SOUND = {
    "ground": "harm",
    "facts": "FILE-2026/17",
    "items": ["name", "address"],
    "ends_on": None,
    "review_on": date(2027, 2, 25),
}


@pytest.fixture
def letsmasak():
    return cast.service("letsmasak")


@pytest.fixture
def person(letsmasak):
    return joined(letsmasak, "dewi")


def joined(service, name):
    values = {"name": name, "login_id": name, "email": f"{name}@mail.example", "address": "Jakarta"}
    return subject.register(
        service,
        "member",
        language="id",
        values=values,
        source="registration",
        account=Account.objects.create_member(),
        version=cast.version(service),
        joined_at=NOW,
        actor=None,
        now=NOW,
    )


@pytest.fixture
def rina(letsmasak):
    return cast.officer("rina", letsmasak)


def to_review(service, at):
    return list(service_block.to_review([service], at))


@pytest.mark.promise("LMK-2j")
@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"ground": ""}, "ground_not_stated"),
        ({"ground": "other"}, "ground_not_stated"),
        ({"facts": ""}, "facts_missing"),
        ({"facts": "she shouted at the cook"}, "facts_missing"),
        ({"items": []}, "items_not_allowed"),
        ({"items": ["name", "email"]}, "items_not_allowed"),
        ({"review_on": None}, "no_end"),
        ({"ends_on": date(2026, 11, 24)}, "day_is_over"),
        ({"ground": "late_payment"}, "no_open_claim"),
    ],
)
def test_a_block_without_ground_facts_items_or_end_is_not_saved(person, rina, wrong, code):
    with pytest.raises(service_block.NotPossible, match=code):
        service_block.place(person, **(SOUND | wrong), actor=rina, now=NOW)
    assert not ServiceBlock.objects.exists()


@pytest.mark.promise("LMK-2j")
def test_the_database_knows_no_other_ground_and_no_block_without_an_end(person, rina):
    block = service_block.place(person, **SOUND, actor=rina, now=NOW)
    for wrong in ({"ground": "other"}, {"review_on": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ServiceBlock.objects.filter(pk=block.pk).update(**wrong)


@pytest.mark.promise("LMK-2j")
def test_a_settled_debt_puts_the_block_into_the_review_queue(letsmasak, person, rina):
    claim = restriction.place(
        person, ground="unpaid_claim", items=["name"], blocks_use=False, actor=rina, now=NOW
    )
    block = service_block.place(person, **(SOUND | {"ground": "late_payment"}), actor=rina, now=NOW)
    assert to_review(letsmasak, NOW) == []
    restriction.lift(claim, actor=rina, now=NOW)
    assert to_review(letsmasak, NOW) == [block]
    titles = {str(one.title) for one in duties.due(Service.objects.all(), NOW)}
    assert "Refusals of service to look at again" in titles
    service_block.end(block, reason="settled", actor=rina, now=NOW)
    assert to_review(letsmasak, NOW) == []
    with pytest.raises(service_block.NotPossible, match="ended_already"):
        service_block.end(block, reason="settled", actor=rina, now=NOW)


@pytest.mark.promise("LMK-2j")
def test_a_block_is_looked_at_on_its_day_in_the_zone_of_the_service_and_after_its_end(
    letsmasak, person, rina
):
    block = service_block.place(
        person, **(SOUND | {"ends_on": date(2027, 1, 31)}), actor=rina, now=NOW
    )
    assert to_review(letsmasak, datetime(2027, 1, 31, 15, 59, tzinfo=UTC)) == []
    assert to_review(letsmasak, datetime(2027, 1, 31, 16, 0, tzinfo=UTC)) == [block]
    service_block.keep(block, review_on=date(2027, 6, 1), actor=rina, now=NOW)
    assert to_review(letsmasak, datetime(2027, 5, 31, 15, 59, tzinfo=UTC)) == []
    assert to_review(letsmasak, datetime(2027, 5, 31, 16, 0, tzinfo=UTC)) == [block]
    told = LedgerEntry.objects.filter(code__startswith="members.service_block").order_by("seq")
    assert [row.data.get("review_on") for row in told] == ["2027-02-25", "2027-06-01"]


def test_one_ground_refuses_one_person_once_and_a_policy_without_the_purpose_nobody(person, rina):
    service_block.place(person, **SOUND, actor=rina, now=NOW)
    with pytest.raises(service_block.NotPossible, match="blocked_already"):
        service_block.place(person, **SOUND, actor=rina, now=NOW)
    minji = cast.member(cast.service("mikmik"))
    with pytest.raises(service_block.NotPossible, match="items_not_allowed"):
        service_block.place(minji, **SOUND, actor=rina, now=NOW)


def test_the_promise_of_refusing_on_stated_grounds_is_built():
    assert "LMK-2j" not in gaps()


def url(view, pk):
    return reverse(f"admin:members_serviceblock_{view}", args=[pk])


@pytest.mark.promise("LMK-2j")
def test_an_officer_refuses_service_on_the_persons_page_and_ends_it_after_a_review(person, rina):
    client = office.sign_in(rina)
    page = client.get(reverse("admin:members_member_change", args=[person.pk]))
    assert url("place", person.pk) in page.content.decode()
    given = {"ground": "harm", "facts": "FILE-1", "items": ["name"], "review_on": "2099-01-01"}
    for missing in ("ground", "facts", "items", "review_on"):
        rest = {key: value for key, value in given.items() if key != missing}
        assert "There is a problem" in client.post(url("place", person.pk), rest).content.decode()
    assert client.get(url("place", person.pk)).status_code == 200
    client.post(url("place", person.pk), given)
    block = ServiceBlock.objects.get()
    assert b"Refused" in client.get(reverse("admin:members_serviceblock_changelist")).content
    assert client.get(url("review", block.pk)).status_code == 200
    answer = client.post(url("review", block.pk), {"answer": "keep"})
    assert "Give a last day or a day to look again." in answer.content.decode()
    client.post(url("review", block.pk), {"answer": "wrong"})
    assert ServiceBlock.objects.get().end_reason == "wrong"
    assert b"Refusal of service ended" in client.get(url("change", block.pk)).content


@pytest.mark.parametrize("role", list(ROLES))
def test_only_roles_that_set_holds_refuse_service(letsmasak, person, rina, role):
    block = service_block.place(person, **SOUND, actor=rina, now=NOW)
    other = office.sign_in(office.officer(role, letsmasak, name="other"))
    if "holds.manage" in permissions_of([role]):
        assert other.get(url("place", person.pk)).status_code == 200
        return
    for page in (url("place", person.pk), url("review", block.pk)):
        assert other.get(page).status_code in {403, 404}
        assert other.post(page, {}).status_code in {403, 404}


def test_a_list_of_refusals_costs_the_same_for_one_and_for_many(
    letsmasak, person, rina, django_assert_max_num_queries
):
    client = office.sign_in(rina)
    page = reverse("admin:members_serviceblock_changelist")
    for ground in ("harm", "breach_and_misuse"):
        service_block.place(person, **(SOUND | {"ground": ground}), actor=rina, now=NOW)
    client.get(page)
    with django_assert_max_num_queries(40) as seen:
        client.get(page)
    for n in range(4):
        other = joined(letsmasak, f"dewi{n}")
        service_block.place(other, **SOUND, actor=rina, now=NOW)
    with django_assert_max_num_queries(len(seen)):
        client.get(page)
