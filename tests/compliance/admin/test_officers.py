"""Ending appointments: by whoever appoints, at once, never the own one."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from compliance.models import LedgerEntry, OfficerAppointment
from tests.tools import office

pytestmark = pytest.mark.django_db(databases="__all__")
LIST = "admin:compliance_officerappointment_changelist"


def tick(client: Any, *appointments: OfficerAppointment) -> Any:
    ticked = [str(appointment.pk) for appointment in appointments]
    form = {"action": "relieve", "_selected_action": ticked, "index": "0"}
    return client.post(reverse(LIST), form)


def test_a_relieved_officer_is_shut_out_at_once() -> None:
    mikmik = office.service()
    chief, handler = office.officer("chief_officer", mikmik), office.officer("handler", mikmik)
    theirs = office.sign_in(handler)
    assert theirs.get(reverse("admin:index")).status_code == 200
    tick(office.sign_in(chief), handler.appointments.get(), chief.appointments.get())
    assert theirs.get(reverse("admin:index")).status_code == 403
    assert chief.appointments.get().ended_on is None
    assert LedgerEntry.objects.filter(code="compliance.officer.relieved").count() == 1


def test_other_roles_and_other_services_cannot_relieve() -> None:
    mikmik, engoo = office.service(), office.service("engoo", "ENG")
    there = office.officer("handler", engoo, name="there").appointments.get()
    here = office.officer("handler", mikmik, name="here").appointments.get()
    tick(office.sign_in(office.officer("chief_officer", mikmik)), there)
    tick(office.sign_in(office.officer("officer", mikmik)), here)
    assert not OfficerAppointment.objects.filter(ended_on__isnull=False).exists()
