"""The office's pages of destruction: what is due, approving the exact list, late ones, proof for one person."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from compliance import duties
from compliance.models import Service
from compliance.rules.calendar import local_day
from members import office_duties
from members.actions import destruction, destruction_plan, restriction
from members.models import DataSubject, DestructionPlan, Record
from tests.benchmarks import crowd
from tests.tools import office, visits

pytestmark = pytest.mark.django_db(databases="__all__")
MANY = 120
ENDED = "Everything not covered by another rule, on withdrawal, expiry or purpose end"
DUE, PROOF = "admin:destruction_due", "admin:destruction_proof"


@pytest.fixture
def yesterday(mikmik):
    return local_day(timezone.now(), mikmik.timezone) - timedelta(days=1)


@pytest.fixture
def plan(mikmik, yesterday):
    """A plan that the machine made and that waits for an officer."""
    crowd.rows(mikmik, MANY, due_on=yesterday)
    destruction.destroy_due(mikmik, now=timezone.now())
    return DestructionPlan.objects.get()


def to(page, plan):
    return reverse(f"admin:members_destructionplan_{page}", args=[plan.pk])


def second(mikmik, role="officer"):
    return office.sign_in(office.officer(role, mikmik, name=f"juno-{role}"))


def test_the_due_list_counts_by_clause_and_shows_what_is_overdue_and_postponed(
    client, mikmik, yesterday
):
    crowd.rows(mikmik, 3, due_on=yesterday)
    crowd.rows(mikmik, 4, due_on=yesterday - timedelta(days=2))
    crowd.rows(mikmik, 5, due_on=yesterday + timedelta(days=3))
    crowd.rows(mikmik, 6, due_on=yesterday + timedelta(days=30))
    held = Record.objects.filter(due_on=yesterday).first().subject
    restriction.place(held, ground="legal_request", actor=None, now=timezone.now())
    answer = client.get(reverse(DUE))
    (part,) = answer.context["parts"]
    assert [(one.days_over, one.records, one.postponed) for one in part["lines"]] == [
        (2, 4, 0),
        (0, 3, 1),
        (-3, 5, 0),
    ]
    page = answer.content.decode()
    assert "2 days overdue" in page and "5.1" in page
    assert "purpose_end" not in page and "account_data" not in page and ENDED in page


def test_an_empty_due_list_says_so(client, mikmik):
    assert "Nothing is due now" in client.get(reverse(DUE)).content.decode()


def test_an_officer_sees_exact_numbers_first_and_approves_that_list(client, mikmik, plan):
    page = client.get(to("approve", plan)).content.decode()
    assert f"Destroy {MANY} records for good?" in page and plan.content_hash in page
    assert "purpose_end" not in page and ENDED in page
    plan.refresh_from_db()
    assert plan.state == "waiting"
    client.post(to("approve", plan), {"shown": plan.content_hash})
    plan.refresh_from_db()
    assert (plan.state, str(plan.approved_by)) == ("approved", "mina")
    assert destruction.destroy_due(mikmik, now=timezone.now()).done == MANY
    page = client.get(to("change", plan)).content.decode()
    assert "Destruction approved" in page and "Certificates" in page


def test_a_form_of_another_list_approves_nothing(client, mikmik, plan):
    answer = client.post(to("approve", plan), {"shown": "0" * 64}, follow=True)
    assert "This is not the list of the plan" in answer.content.decode()
    plan.refresh_from_db()
    assert plan.state == "waiting" and Record.objects.count() == MANY


def test_the_own_plan_is_refused_and_a_second_officer_may(client, mikmik, yesterday):
    crowd.rows(mikmik, MANY, due_on=yesterday)
    client.post(reverse("admin:destruction_plan_now", args=["mikmik"]))
    own = DestructionPlan.objects.get()
    assert str(own.planned_by) == "mina"
    assert "A second officer has to approve it" in client.get(to("change", own)).content.decode()
    assert client.post(to("approve", own), {"shown": own.content_hash}).status_code == 403
    second(mikmik).post(to("approve", own), {"shown": own.content_hash})
    own.refresh_from_db()
    assert own.state == "approved"


def test_planning_again_what_is_planned_says_that_nothing_is_left(client, plan):
    answer = client.post(reverse("admin:destruction_plan_now", args=["mikmik"]), follow=True)
    assert "in a plan already" in answer.content.decode()
    assert DestructionPlan.objects.count() == 1


def test_roles_that_only_look_may_neither_plan_nor_approve(mikmik, plan):
    auditor = second(mikmik, "auditor")
    assert auditor.get(reverse(DUE)).status_code == 200
    assert auditor.get(to("change", plan)).status_code == 200
    for url in (to("approve", plan), to("explain", plan)):
        assert auditor.get(url).status_code == 403
    assert auditor.post(to("approve", plan), {"shown": plan.content_hash}).status_code == 403
    planning = reverse("admin:destruction_plan_now", args=["mikmik"])
    assert auditor.post(planning).status_code == 403
    handler = second(mikmik, "handler")
    for url, code in ((reverse(DUE), 403), (reverse(PROOF), 403), (to("change", plan), 404)):
        assert handler.get(url).status_code == code
    assert Client().get(reverse(DUE)).status_code == 302


def test_an_officer_of_another_service_sees_nothing_of_it(plan):
    leje = visits.live("leje")
    other = office.sign_in(office.officer("officer", leje, name="other"))
    assert other.get(to("approve", plan)).status_code in (403, 404)
    assert "MIKMIK" not in other.get(reverse(DUE)).content.decode()
    planning = reverse("admin:destruction_plan_now", args=["mikmik"])
    assert other.post(planning).status_code == 403


@pytest.mark.promise("MIK-9.1")
def test_a_waiting_plan_is_a_duty_and_leaves_the_red_list_only_with_a_reason(client, mikmik, plan):
    services = Service.objects.filter(pk=mikmik.pk)

    def duty(now):
        (found,) = office_duties.plans_to_approve(services, now)
        assert found in duties.due(services, now)
        return found

    first = duty(timezone.now())
    assert (first.count, first.permission) == (MANY, "retention.approve")
    assert first.due_at == destruction_plan.overdue_from(plan)
    assert (
        first.severity == "open"
        and office_duties.due_for_destruction(services, timezone.now()) == []
    )
    DestructionPlan.objects.update(destroy_by=timezone.now().date() - timedelta(days=2))
    assert duty(timezone.now()).severity == "overdue"
    assert "Overdue since" in client.get(to("change", plan)).content.decode()
    assert client.post(to("explain", plan), {"reason": ""}).status_code == 200
    assert duty(timezone.now()).severity == "overdue"
    client.post(to("explain", plan), {"reason": "legal_question"})
    assert duty(timezone.now()).severity == "open"


def test_the_list_of_plans_says_what_it_is_for_and_costs_the_same_for_one_and_five(
    client, mikmik, yesterday, django_assert_max_num_queries
):
    address = reverse("admin:members_destructionplan_changelist")
    assert "No plan yet" in client.get(address).content.decode()
    for day in range(1, 6):
        crowd.rows(mikmik, 1, due_on=yesterday - timedelta(days=40 - day))
        now = timezone.now() - timedelta(days=40 - day - 1)
        destruction.destroy_due(mikmik, now=now)
    with django_assert_max_num_queries(10):
        assert len(client.get(address).context["cl"].result_list) == 5


def test_one_person_s_proof_names_entry_clause_and_path(client, mikmik, yesterday):
    crowd.rows(mikmik, 3, due_on=yesterday)
    person = DataSubject.objects.first()
    destruction.destroy_due(mikmik, now=timezone.now())
    form = {"service": mikmik.pk, "number": person.public_id}
    answer = client.post(reverse(PROOF), form)
    page = answer.content.decode()
    assert f"1 records by rule {ENDED}, clause 5.1" in page
    assert "Leaf and path lead to the root in the entry" in page and "Certificate #" in page
    nobody = client.post(reverse(PROOF), form | {"number": "0" * 32}).content.decode()
    assert "Nothing was destroyed about this person" in nobody
    assert client.post(reverse(PROOF), form | {"number": "Minji"}).context["found"] is None
