"""Services: set-up or live, what still blocks going live, and who may approve alone."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from compliance import selectors
from compliance.actions import service as service_actions
from compliance.admin.base import OfficeModelAdmin
from compliance.admin.history import entries_about
from compliance.admin.labels import status
from compliance.admin.service_forms import KeepForm, keep_form, sets_people_apart
from compliance.models import PolicyFinding, Service
from compliance.roles import may, services_of

MANAGE = "services.manage"


class SettleForm(forms.Form):
    """How a finding was settled."""

    text = forms.CharField(
        label=_("How is it settled?"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write how it is settled.")},
    )


class ModeForm(forms.Form):
    """Whether one officer may approve alone, and why."""

    enabled = forms.BooleanField(label=_("One officer may approve alone"), required=False)
    reason = forms.CharField(
        label=_("Why is one officer enough?"),
        required=False,
        max_length=500,
        help_text=_("Needed to switch it on. It is shown to auditors."),
    )

    def clean(self) -> dict[str, Any]:
        """Switching it on needs a reason."""
        cleaned = super().clean() or {}
        if cleaned.get("enabled") and not cleaned.get("reason"):
            self.add_error("reason", _("Write why one officer is enough."))
        return cleaned


@admin.register(Service)
class ServiceAdmin(OfficeModelAdmin):
    """One page per service; what the policy says about it is read from the version in force."""

    menu_section, menu_label, menu_order = "system", _("Services"), 10
    view_permission, service_path = "services.view", "pk"
    list_display = ("name", "state_label", "operator", "timezone", "mail_languages", "went_live_at")
    list_filter = ("state",)
    fields = ("name", "slug")
    ordering = ("pk",)

    def get_urls(self) -> list[URLPattern]:
        """The steps of a service."""
        house = self.admin_site.admin_view
        own = [
            ("<int:pk>/findings/<int:finding_id>/settle/", settle, "settle"),
            ("<int:pk>/go-live/", go_live, "go_live"),
            ("<int:pk>/approval/", approval, "approval"),
            ("<int:pk>/dormant-keep/", dormant_keep, "dormant_keep"),
        ]
        named = [
            path(route, house(view), name=f"compliance_service_{name}") for route, view, name in own
        ]
        return named + super().get_urls()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page of one service, for reading."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if not object_id.isdecimal():
            raise Http404
        return _page(request, _find(request, int(object_id)))

    @admin.display(description=_("status"))
    def state_label(self, service: Service) -> SafeString:
        """A word and a shape."""
        return _state(service)

    @admin.display(description=_("languages of messages"))
    def mail_languages(self, service: Service) -> str:
        """In which people are written to."""
        return " · ".join(service.notice_languages)


def settle(request: HttpRequest, pk: int, finding_id: int) -> HttpResponse:
    """Write down how a blocking finding is settled."""
    service = _managed(request, pk)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    finding = get_object_or_404(_findings(service), pk=finding_id)
    form = SettleForm(request.POST, prefix=str(finding.pk), label_suffix="")
    if not form.is_valid():
        return _page(request, service, settle_form=(finding.pk, form), answer=422)
    service_actions.settle_finding(finding, form.cleaned_data["text"], **_who(request))
    messages.success(request, _("Settled."))
    return redirect(_url(service))


def go_live(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a service to its people; refused with the list of what is open."""
    service = _managed(request, pk)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        service_actions.go_live(service, **_who(request))
    except service_actions.FindingsOpen as refusal:
        return _page(request, service, refused=refusal.findings, answer=409)
    messages.success(request, _("Live. People can use its pages now."))
    return redirect(_url(service))


def approval(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose whether one officer may approve alone."""
    service = _managed(request, pk)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    form = ModeForm(request.POST, label_suffix="")
    if not form.is_valid():
        return _page(request, service, mode_form=form, answer=422)
    service_actions.set_one_officer_mode(service, **form.cleaned_data, **_who(request))
    messages.success(request, _("Saved. The choice is in the ledger."))
    return redirect(_url(service))


def dormant_keep(request: HttpRequest, pk: int) -> HttpResponse:
    """Set how long dormant members stay apart."""
    service = _managed(request, pk)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    form = KeepForm(request.POST, label_suffix="")
    if not form.is_valid():
        return _page(request, service, own_keep_form=form, answer=422)
    service_actions.set_dormant_keep(service, period=form.period, **_who(request))
    messages.success(request, _("Saved. The choice is in the ledger."))
    return redirect(_url(service))


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "now": timezone.now()}


def _find(request: HttpRequest, pk: int) -> Service:
    found: Service = get_object_or_404(services_of(request.user, "services.view"), pk=pk)  # type: ignore[arg-type]
    return found


def _managed(request: HttpRequest, pk: int) -> Service:
    service = _find(request, pk)
    if not may(request.user, MANAGE, service):  # type: ignore[arg-type]
        raise PermissionDenied
    return service


def _findings(service: Service) -> Any:
    return selectors.blocking_findings(service)


def _url(service: Service) -> str:
    return reverse("admin:compliance_service_change", args=[service.pk])


def _state(service: Service) -> SafeString:
    kind = "good" if service.is_live else "wait"
    return status(kind, service.get_state_display())


def _page(
    request: HttpRequest,
    service: Service,
    *,
    settle_form: tuple[int, SettleForm] | None = None,
    mode_form: ModeForm | None = None,
    own_keep_form: KeepForm | None = None,
    refused: list[PolicyFinding] | None = None,
    answer: int = 200,
) -> HttpResponse:
    mode = {"enabled": service.one_officer_mode, "reason": service.one_officer_reason}
    version = selectors.policy_in_force(service)
    context = admin.site.each_context(request) | {
        "title": service.name,
        "service": service,
        "service_status": _state(service),
        "version": version,
        "findings": _with_forms(_findings(service), settle_form),
        "settled": _settled(version),
        "mode_form": mode_form or ModeForm(initial=mode, label_suffix=""),
        "keep_form": sets_people_apart(version) and (own_keep_form or keep_form(service)),
        "may_manage": may(request.user, MANAGE, service),  # type: ignore[arg-type]
        "refused": refused,
        "facts": _facts(service),
        "entries": entries_about(f"service:{service.pk}"),
    }
    return render(request, "admin/policies/service.html", context, status=answer)


def _with_forms(
    findings: Any, filled: tuple[int, SettleForm] | None
) -> list[tuple[Any, SettleForm]]:
    known = dict([filled] if filled else [])
    return [
        (one, known.get(one.pk) or SettleForm(prefix=str(one.pk), label_suffix=""))
        for one in findings
    ]


def _settled(version: Any) -> list[PolicyFinding]:
    if version is None:
        return []
    rows = version.findings.filter(blocks_live=True, settlement__isnull=False)
    return list(rows.select_related("settlement").order_by("position"))


def _facts(service: Service) -> list[tuple[Any, Any]]:
    return [
        (_("Operator"), service.operator or gettext("not stated")),
        (_("Time zone"), service.timezone),
        (_("Languages of messages"), ", ".join(service.notice_languages)),
        (_("Prefix of promise codes"), service.obligation_prefix),
    ]
