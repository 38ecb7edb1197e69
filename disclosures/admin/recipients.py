"""Recipients: who may be given data, for what, since when, under which agreement. They end and are never deleted."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from compliance.admin import history
from compliance.admin.filters import OwnServiceFilter
from compliance.admin.labels import status
from compliance.admin.readonly import ReadOnlyPage
from compliance.roles import may
from compliance.rules.calendar import local_day
from disclosures.actions import recipient as actions
from disclosures.admin.recipient_form import REFUSALS, RecipientForm
from disclosures.models import Recipient


class RunningFilter(admin.SimpleListFilter):
    """Running or ended."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Three answers."""
        return [
            ("running", _("Running")),
            ("unposted", _("Not on the public list")),
            ("ended", _("Ended")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Recipients in that state."""
        running = queryset.filter(Q(ended_on=None) | Q(ended_on__gt=timezone.localdate()))
        found = {
            "running": running,
            "unposted": running.filter(posted_on=None),
            "ended": queryset.filter(ended_on__lte=timezone.localdate()),
        }
        return found.get(str(self.value()), queryset)


class EndForm(forms.Form):
    """The last day."""

    ended_on = forms.DateField(
        label=_("Ends on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


@admin.register(Recipient)
class RecipientAdmin(ReadOnlyPage):
    """The register from which the public list is made."""

    menu_section, menu_label, menu_order = "third_parties", _("Recipients"), 10
    view_permission, service_path = "recipients.view", "service"
    add_permission = change_permission = "recipients.manage"
    form = RecipientForm
    list_display = (
        "name",
        "service",
        "kind",
        "purpose_names",
        "number_of_items",
        "public",
        "agreement",
        "since_on",
        "state",
    )
    list_display_links = ("name",)
    list_select_related = ("service",)
    list_filter = (RunningFilter, "kind", OwnServiceFilter)
    quick_views = (
        (_("All"), ""),
        (_("Running"), "state=running"),
        (_("Not on the public list"), "state=unposted"),
        (_("Ended"), "state=ended"),
    )
    fieldsets = (
        (None, {"fields": ("row", "name", "contact_email", "country", "since_on")}),
        (_("What is given"), {"fields": ("items", "purposes")}),
        (
            _("Public list and agreement"),
            {"fields": ("posted_on", "agreement_reference", "agreement_until")},
        ),
    )
    ordering = ("name", "pk")
    show_history = True
    empty_message = _(
        "No recipients. Add each company that is given data; the public list is made from here."
    )

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """A form that knows the rows of the policies the officer may fill."""
        made = super().get_form(request, obj, change, **kwargs)
        return type("BoundRecipientForm", (made,), {"account": request.user})

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """What the row of the policy is called stands above its fields; it does not change."""
        shown = ("service", "kind", "policy_code")
        first, *rest = super().get_fieldsets(request, obj)
        if obj is None:
            return [first, *rest]
        fields = tuple(name for name in first[1]["fields"] if name not in ("row", "since_on"))
        return [(None, {"fields": (*shown, *fields, "since_on", "ended_on")}), *rest]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who it is and since when does not change."""
        return () if obj is None else ("service", "kind", "policy_code", "since_on", "ended_on")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ended recipients stay as they are."""
        ended = obj is not None and obj.ended_on is not None
        return not ended and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Recipient, form: Any, change: bool) -> None:
        """Add or change through the action."""
        saved = form.carry_out(actor=request.user, now=timezone.now())
        obj.pk = saved.pk

    # Columns

    @admin.display(description=_("purposes"))
    def purpose_names(self, row: Recipient) -> str:
        """Codes of the purposes."""
        return ", ".join(row.purposes) or "–"

    @admin.display(description=_("items"))
    def number_of_items(self, row: Recipient) -> int:
        """How many items it may be given."""
        return len(row.items)

    @admin.display(description=_("public list"))
    def public(self, row: Recipient) -> SafeString:
        """Since when it is posted."""
        if row.posted_on is None:
            return status("quiet" if row.ended_on else "risk", _now("Not posted"))
        return status(
            "good", _now("Since %(day)s") % {"day": date_format(row.posted_on, "SHORT_DATE_FORMAT")}
        )

    @admin.display(description=_("agreement"))
    def agreement(self, row: Recipient) -> str:
        """Reference and end."""
        if not row.agreement_reference:
            return "–"
        if row.agreement_until is None:
            return row.agreement_reference
        until = date_format(row.agreement_until, "SHORT_DATE_FORMAT")
        return _now("%(reference)s, until %(day)s") % {
            "reference": row.agreement_reference,
            "day": until,
        }

    @admin.display(description=_("state"))
    def state(self, row: Recipient) -> SafeString:
        """Running or ended."""
        return self.object_status(row)

    def object_status(self, obj: Recipient) -> SafeString:
        """Running or ended."""
        if obj.ended_on is None:
            return status("good", _("Running"))
        day = date_format(obj.ended_on, "SHORT_DATE_FORMAT")
        return status("quiet", _now("Ended on %(day)s") % {"day": day})

    def object_links(self, request: HttpRequest, obj: Recipient) -> list[tuple[Any, str]]:
        """End it."""
        if obj.ended_on or not may(request.user, "recipients.manage", obj.service):  # type: ignore[arg-type]
            return []
        return [
            (_("End this recipient"), reverse("admin:disclosures_recipient_end", args=[obj.pk]))
        ]

    def page_parts(self, request: HttpRequest, obj: Recipient) -> dict[str, Any]:
        """What the ledger says."""
        return {"timeline": history.entries_about(f"recipient:{obj.pk}")}

    # Ending

    def get_urls(self) -> list[Any]:
        """The page on which a recipient is ended."""
        end = self.admin_site.admin_view(self.end_view)
        return [path("<int:pk>/end/", end, name="disclosures_recipient_end"), *super().get_urls()]

    def end_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET says what follows; POST ends the recipient."""
        found: Recipient = self.get_object(request, str(pk))
        if not may(request.user, "recipients.manage", found.service):  # type: ignore[arg-type]
            raise PermissionDenied
        now = timezone.now()
        form = EndForm(
            request.POST or None, initial={"ended_on": local_day(now, found.service.timezone)}
        )
        back = reverse("admin:disclosures_recipient_change", args=[pk])
        if request.method == "POST" and form.is_valid():
            try:
                actions.end(
                    found, ended_on=form.cleaned_data["ended_on"], actor=request.user, now=now
                )  # type: ignore[arg-type]
            except actions.NotPossible as error:
                form.add_error("ended_on", REFUSALS[error.code])
            else:
                messages.success(
                    request, _("The recipient has ended. The public list no longer shows it.")
                )
                return HttpResponseRedirect(back)
        context = self.admin_site.each_context(request) | {
            "recipient": found,
            "form": form,
            "opts": self.opts,
            "list_label": self.menu_label,
            "person": found.name,
            "person_url": back,
        }
        return render(request, "admin/records/end_recipient.html", context)
