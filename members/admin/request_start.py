"""A request that came by telephone, mail, fax or letter is registered for its person (LEJ-RGT-3, MIK-7.1b, ENG-5)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from compliance import bell
from members import words
from members.actions import rights_request
from members.admin.people_list import policy_of
from members.admin.request_forms import StartForm
from members.admin.reveal_source import page_of
from members.archive.models import ArchivedRecord
from members.models import DataSubject

REFUSALS: dict[str, Any] = {
    "left": _("This person is leaving or has left."),
    "items_missing": _("A correction names at least one item."),
    "received_later": _("This moment has not come yet."),
}


@sensitive_post_parameters("text")
def start(request: HttpRequest, page: Any, person: DataSubject) -> HttpResponse:
    """GET asks what came, how and when; POST registers it, and what it stops is stopped from this second."""
    local = timezone.localtime()
    form = StartForm(
        request.POST if request.method == "POST" else None,
        choices=_choices(person),
        initial={"received_on": local.date(), "received_time": local.time()},
    )
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        try:
            asked = rights_request.receive(
                person,
                cleaned["kind"],
                channel=cleaned["channel"],
                items=cleaned["items"],
                text=cleaned["text"],
                made_by=cleaned["made_by"],
                identity=cleaned["identity"],
                received_at=form.received_at(),
                actor=request.user,  # type: ignore[arg-type]
                now=timezone.now(),
            )
        except rights_request.NotPossible as error:
            form.add_error(None, REFUSALS[str(error)])
        else:
            bell.nudge("deliveries.send")
            messages.success(
                request,
                _("Registered as %(reference)s. The person gets a message.")
                % {"reference": asked.reference},
            )
            return HttpResponseRedirect(
                reverse("admin:members_rightsrequest_change", args=[asked.pk])
            )
    return _show(request, page, person, form)


def _choices(person: DataSubject) -> list[tuple[str, str]]:
    policy = policy_of(person.service)
    live = person.records.values_list("item_codes", flat=True)
    apart = ArchivedRecord.objects.filter(subject__public_id=person.public_id)
    both = (*live, *apart.values_list("item_codes", flat=True))
    held = dict.fromkeys(code for codes in both for code in codes)
    return [(code, words.item(policy, code) if policy else code) for code in held]


def _show(request: HttpRequest, page: Any, person: DataSubject, form: StartForm) -> HttpResponse:
    context = page.admin_site.each_context(request) | {
        "person": person,
        "form": form,
        "opts": page.opts,
        "list_label": page.menu_label,
        "person_url": page_of(person),
        "is_member": page.opts.model_name == "member",
    }
    return render(request, "admin/people/request.html", context)
