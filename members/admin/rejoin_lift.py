"""The page on which an officer lifts the rejoin hold for a victim of somebody else's joining, once checked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from compliance.admin.menu import Page, register_page
from compliance.models import Service
from compliance.roles import services_of
from members import rejoin
from members.actions import rejoin_lift

LONGEST = 254
CHECKS: dict[str, Any] = {
    "identity_service": _("An identity service confirmed who asks"),
    "document_seen": _("I saw an identity document; no copy is kept"),
    "address_answered": _("The owner answered from this e-mail address"),
}


def _box(label: Any) -> forms.CharField:
    shown = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    return forms.CharField(label=label, max_length=LONGEST, required=False, widget=shown)


class LiftForm(forms.Form):
    """The details that were checked, and how; they are stored nowhere."""

    service = forms.ModelChoiceField(label=_("Service"), queryset=None, to_field_name="slug")
    email = _box(_("E-mail address"))
    login_id = _box(_("Log-in ID"))
    ci = _box(_("CI (connecting information)"))
    di = _box(_("DI (duplicate-joining information)"))
    check = forms.ChoiceField(
        label=_("How did you check that these details belong to the person who asks?"),
        widget=forms.RadioSelect,
        choices=list(CHECKS.items()),
    )

    def __init__(self, *args: Any, services: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["service"].queryset = services  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """At least one detail."""
        given = super().clean() or {}
        if not any(given.get(item) for item in rejoin.IDENTIFYING):
            raise forms.ValidationError(_("Give at least one detail that was checked."))
        return given


def lift_view(request: HttpRequest) -> HttpResponse:
    """GET asks for details and check; POST lifts what these details hold, and the ledger has the try."""
    services: Any = services_of(request.user, "holds.manage")  # type: ignore[arg-type]
    form = LiftForm(request.POST or None, services=services)
    back = reverse("admin:rejoin_digests")
    if request.method == "POST" and form.is_valid():
        _lift(request, form.cleaned_data)
        return HttpResponseRedirect(back)
    context = admin.site.each_context(request) | {
        "title": _("Lift the rejoin hold for a victim"),
        "list_label": _("Rejoin digests"),
        "list_url": back,
        "back": back,
        "form": form,
    }
    return render(request, "admin/records/rejoin_lift.html", context)


def _lift(request: HttpRequest, given: dict[str, Any]) -> None:
    service: Service = given["service"]
    values = {item: given[item] for item in rejoin.IDENTIFYING if given[item]}
    actor: Any = request.user
    lifted = rejoin_lift.lift(
        service, values, check=given["check"], actor=actor, now=timezone.now()
    )
    if not lifted:
        messages.info(request, _("Nothing is held for these details, so they stop nobody."))
        return
    told = ngettext(
        "Lifted: %(count)s digest is destroyed, so its owner may join at once.",
        "Lifted: %(count)s digests are destroyed, so their owner may join at once.",
        lifted,
    )
    messages.success(request, told % {"count": lifted})


register_page(
    Page(
        route="rejoin-digests/lift/",
        view=lift_view,
        name="rejoin_lift",
        permission="holds.manage",
        section="retention",
        label=_("Lift a rejoin hold"),
        order=41,
    )
)
