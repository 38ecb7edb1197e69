"""Requests, mail, consents, holds, people apart: what each list shows, to whom, and what it never shows."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from compliance import duties
from compliance.models import Service
from members import office_duties
from members.actions import restriction, withdrawal
from members.archive.models import RejoinDigest
from members.models import ConsentEvent, DataSubject, Delivery, Record, RightsRequest
from tests.tools import cast, office, visits

pytestmark = pytest.mark.django_db(databases="__all__")
REQUESTS = "admin:members_rightsrequest_changelist"


def ask(person, reference, **more):
    return RightsRequest.objects.create(
        reference=reference,
        subject=person,
        service=person.service,
        **{"kind": "access", "channel": "web", "received_at": timezone.now()} | more,
    )


def rows(answer):
    return list(answer.context["cl"].result_list)


def test_requests_stand_with_the_overdue_on_top_and_closed_ones_last(client, minji):
    now = timezone.now()
    later = ask(minji, "LATER", due_at=now + timedelta(days=9))
    ask(minji, "CLOSED", due_at=now - timedelta(days=30), closed_at=now, state="done")
    late = ask(minji, "LATE", due_at=now - timedelta(days=2))
    soon = ask(minji, "SOON", due_at=now + timedelta(days=1))
    never = ask(minji, "NEVER")
    answer = client.get(reverse(REQUESTS))
    assert [one.reference for one in rows(answer)] == ["LATE", "SOON", "LATER", "NEVER", "CLOSED"]
    page = answer.content.decode()
    assert (
        "2 days late" in page
        and "No figure in the policy" in page
        and f"p_{minji.public_id[:8]}" in page
    )
    for view, expected in {
        "overdue": [late],
        "soon": [soon],
        "open": [late, soon, later, never],
    }.items():
        assert rows(client.get(reverse(REQUESTS), {"due": view})) == expected
    assert (
        client.get(reverse("admin:members_rightsrequest_change", args=[late.pk])).status_code == 200
    )


def test_a_request_of_somebody_forgotten_still_opens(client, minji, mikmik):
    lonely = ask(minji, "LONELY")
    RightsRequest.objects.filter(pk=lonely.pk).update(subject=None)
    answer = client.get(reverse("admin:members_rightsrequest_change", args=[lonely.pk]))
    assert "no longer known" in answer.content.decode()


def test_rows_of_another_service_do_not_exist_in_any_register(client, now):
    leje = visits.live("leje")
    other = visits.person(leje, name="sora")
    wanted = ask(other, "OTHER")
    hold = restriction.place(other, ground="objection", actor=None, now=now)
    mail = Delivery.objects.create(
        event="sign_in_code", kind="code", subject=other, service=leje, language="en", message_id="<m>",
        not_before=now, created_at=now,
    )  # fmt: skip
    event = ConsentEvent.objects.create(
        subject=other, purpose="x", answer="agreed", version=cast.version(leje), asked_by="web", language="en",
        text_hash="", answered_at=now,
    )  # fmt: skip
    left = withdrawal.request(other, channel="web", actor=None, now=now)
    pages = {
        "members_rightsrequest": wanted.pk,
        "members_restriction": hold.pk,
        "members_delivery": mail.pk,
        "members_consentevent": event.pk,
        "members_withdrawal": left.pk,
    }
    for name, pk in pages.items():
        assert rows(client.get(reverse(f"admin:{name}_changelist"))) == [], name
        for view in ("change", "history"):
            assert client.get(reverse(f"admin:{name}_{view}", args=[pk])).status_code == 404, name
    assert client.post(reverse("admin:members_restriction_lift", args=[hold.pk])).status_code == 404
    hold.refresh_from_db()
    assert hold.ended_at is None


def test_an_auditor_reads_but_lifts_nothing_and_is_led_to_no_person(mikmik, minji, now):
    hold = restriction.place(minji, ground="objection", actor=None, now=now)
    auditor = office.sign_in(office.officer("auditor", mikmik))
    page = auditor.get(reverse("admin:members_restriction_change", args=[hold.pk])).content.decode()
    assert "Lift this hold" not in page and "Open the person" not in page
    lift = reverse("admin:members_restriction_lift", args=[hold.pk])
    assert auditor.get(lift).status_code == 403 and auditor.post(lift).status_code == 403


def test_consent_records_are_narrowed_by_answer_day_and_channel(client, minji, now):
    version = cast.version(minji.service)
    for day, answer, channel in (
        (1, "agreed", "email"),
        (9, "withdrawn", ""),
        (20, "disagreed", ""),
    ):
        ConsentEvent.objects.create(
            subject=minji, purpose="advertising", answer=answer, channel=channel, version=version, asked_by="web",
            language="ko", text_hash="a" * 64, answered_at=now.replace(day=day),
        )  # fmt: skip
    url = reverse("admin:members_consentevent_changelist")
    assert [one.answer for one in rows(client.get(url))] == ["disagreed", "withdrawn", "agreed"]
    ranged = {"from": "2026-11-05", "to": "2026-11-09"}
    assert [one.answer for one in rows(client.get(url, ranged))] == ["withdrawn"]
    assert [one.answer for one in rows(client.get(url, {"channel": "email"}))] == ["agreed"]
    assert len(rows(client.get(url, {"from": "no day"}))) == 3
    event = ConsentEvent.objects.first()
    change = reverse("admin:members_consentevent_change", args=[event.pk])
    assert client.post(change, {"answer": "agreed"}).status_code == 403


def test_digests_are_counted_and_never_shown(client, mikmik, now):
    for number in range(3):
        RejoinDigest.objects.create(
            service_slug="mikmik", field="email", digest=b"\xab" * 32, withdrawal_ref=f"withdrawal:{number}",
            rule_code="rejoin_hold", clause="5.4", held_since=now.date(), due_on=now.date(),
        )  # fmt: skip
    page = client.get(reverse("admin:rejoin_digests")).content.decode()
    assert "rejoin_hold" in page and ">3<" in page
    assert "abab" not in page


def test_the_first_page_tells_what_waits_and_each_line_leads_somewhere(client, minji, mikmik):
    now = timezone.now()
    ask(minji, "LATE", due_at=now - timedelta(days=2))
    ask(minji, "SOON", due_at=now + timedelta(days=1))
    Record.objects.filter(subject=minji, record_class="payment_records").update(
        due_on=now.date() - timedelta(days=3), held_by="payment_5y"
    )
    gone = visits.person(mikmik, name="sora")
    withdrawal.request(gone, channel="web", actor=None, now=now - timedelta(hours=2))
    restriction.place(
        visits.person(mikmik, name="rina"),
        ground="objection",
        review_on=now.date(),
        actor=None,
        now=now,
    )
    found = {one.title: one for one in duties.due(Service.objects.all(), now)}
    titles = {str(title) for title in found}
    assert {
        "Overdue requests",
        "Requests due in 3 days",
        "Withdrawals that wait for more than an hour",
        "Records past their last day: Records of payment and supply of goods",
        "Holds to look at again",
    } <= titles
    for one in found.values():
        url = reverse(one.url_name, args=one.url_args)
        assert client.get(url, one.query).status_code == 200, one.title


def test_a_hold_on_a_person_takes_the_records_off_the_list_of_what_is_late(minji, mikmik, now):
    Record.objects.filter(subject=minji).update(due_on=now.date() - timedelta(days=3))
    services = Service.objects.filter(pk=mikmik.pk)
    assert office_duties.due_for_destruction(services, now)
    restriction.place(minji, ground="legal_request", actor=None, now=now)
    assert office_duties.due_for_destruction(services, now) == []


def test_lists_cost_the_same_for_five_rows_and_fifty(client, mikmik, django_assert_max_num_queries):
    now = timezone.now()
    people = [visits.person(mikmik, name=f"p{number}") for number in range(3)]
    for number in range(52):
        person = people[number % 3]
        ask(person, f"R{number}")
        Delivery.objects.create(
            event="sign_in_code", kind="code", subject=person, service=mikmik, language="en",
            message_id=f"<{number}>", not_before=now, created_at=now,
        )  # fmt: skip
        ConsentEvent.objects.create(
            subject=person, purpose="x", answer="agreed", version=cast.version(mikmik), asked_by="web",
            language="en", text_hash="", answered_at=now,
        )  # fmt: skip
        restriction.place(person, ground="objection", items=["email"], actor=None, now=now)
    names = (
        "members_rightsrequest",
        "members_delivery",
        "members_consentevent",
        "members_restriction",
    )
    for name in names:
        with django_assert_max_num_queries(10):
            answer = client.get(reverse(f"admin:{name}_changelist"))
        assert len(rows(answer)) == 50
    assert DataSubject.objects.count() == 3
