"""Checks of official documents: taken in on a person's page, looked at for the check, and recorded (ENG-4.7)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from compliance import bell
from compliance.admin import history
from compliance.admin.filters import OwnServiceFilter
from compliance.admin.labels import status
from compliance.admin.readonly import ReadOnlyPage
from compliance.roles import may
from members import words
from members.actions import identity_check
from members.admin import links
from members.admin.people_list import policy_of
from members.admin.reveal_source import page_of
from members.models import DataSubject, IdentityCheck
from members.rules import identity_check as rule

ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}
REFUSALS: dict[str, Any] = {
    "too_large": _("This file has more than 5 MB. Scan it with a lower resolution."),
    "not_a_scan": _("This file is neither a PDF nor a JPEG nor a PNG picture."),
    "waiting": _("Another document of this person waits for its check. Record that one first."),
    "gone": _("The scan is not there any more."),
    "refused": _("The scan may not be used now, for instance because its use is disputed."),
    "checked_already": _("This check is recorded already."),
}


class TakeInForm(forms.Form):
    """Which document, for what, and its scan."""

    document = forms.ChoiceField(
        label=_("Which document?"),
        choices=IdentityCheck.Document.choices,
        widget=forms.RadioSelect,
    )
    purpose = forms.ChoiceField(label=_("What is it needed for?"), widget=forms.RadioSelect)
    scan = forms.FileField(
        label=_("Scan"),
        help_text=_(
            "PDF, JPEG or PNG, at most 5 MB. It is sealed at once and destroyed as soon as the check is recorded."
        ),
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
    )

    def __init__(self, *args: Any, purposes: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["purpose"].choices = purposes  # type: ignore[attr-defined]


class ResultForm(forms.Form):
    """What the check showed."""

    result = forms.ChoiceField(
        label=_("What does the document show?"),
        choices=IdentityCheck.Result.choices,
        widget=forms.RadioSelect,
    )


@admin.register(IdentityCheck)
class IdentityCheckAdmin(ReadOnlyPage):
    """Who was checked by which document, with which result; a scan only until then."""

    menu_section, menu_label, menu_order = "people", _("Identity checks"), 40
    view_permission, service_path = "members.view_masked", "service"
    list_display = ("number", "person", "document", "taken_in_at", "state", "checked_at", "scan_is")
    list_display_links = ("number",)
    list_select_related = ("subject", "service")
    list_filter = ("document", ("checked_at", admin.EmptyFieldListFilter), OwnServiceFilter)
    quick_views = (
        (_("All"), ""),
        (_("To be checked"), "checked_at__isempty=1"),
        (_("Checked"), "checked_at__isempty=0"),
    )
    fields = (
        "person",
        "document",
        "needed_for",
        "taken_in_at",
        "taken_in_by",
        "result",
        "checked_at",
        "checked_by",
        "scan_is",
    )
    readonly_fields = ("person", "needed_for", "scan_is")
    ordering = ("-pk",)
    show_history = False
    empty_message = _("No document was checked yet. A check begins on a person's page.")

    def get_urls(self) -> list[Any]:
        """Take in, look, record."""
        view = self.admin_site.admin_view
        own = [
            path(
                "take-in/<int:pk>/", view(self.take_in_view), name="members_identitycheck_take_in"
            ),
            path(
                "<int:pk>/scan/",
                view(require_POST(self.scan_view)),
                name="members_identitycheck_scan",
            ),
            path("<int:pk>/record/", view(self.record_view), name="members_identitycheck_record"),
        ]
        return [*own, *super().get_urls()]

    @admin.display(description=_("no."))
    def number(self, row: IdentityCheck) -> str:
        """Its number."""
        return f"#{row.pk}"

    @admin.display(description=_("person"))
    def person(self, row: IdentityCheck) -> Any:
        """The pseudonym."""
        return links.words_for(row.subject)

    @admin.display(description=_("needed for"))
    def needed_for(self, row: IdentityCheck) -> str:
        """The purpose in the words of the policy."""
        policy = policy_of(row.service)
        return words.purposes(policy, [row.purpose])[0] if policy else row.purpose

    @admin.display(description=_("state"))
    def state(self, row: IdentityCheck) -> SafeString:
        """A word and a shape."""
        return self.object_status(row)

    @admin.display(description=_("scan"))
    def scan_is(self, row: IdentityCheck) -> Any:
        """Whether it still exists."""
        if row.scan:
            return _("kept until the check is recorded")
        return _("destroyed")

    def object_status(self, obj: IdentityCheck) -> SafeString:
        """A word and a shape."""
        if obj.checked_at is None:
            return status("wait", _("To be checked"))
        good = obj.result == IdentityCheck.Result.CONFIRMED
        return status("good" if good else "risk", obj.get_result_display())

    def object_links(self, request: HttpRequest, obj: IdentityCheck) -> list[tuple[Any, str]]:
        """Check it, and the person."""
        found = links.to_person(request, obj.subject)
        if obj.checked_at is None and may(request.user, "members.reveal", obj.service):  # type: ignore[arg-type]
            found.insert(0, (_("Check it"), _url("record", obj.pk)))
        return found

    def page_parts(self, request: HttpRequest, obj: IdentityCheck) -> dict[str, Any]:
        """What the ledger says about the check."""
        return {"timeline": history.entries_about(f"identity_check:{obj.pk}")}

    def take_in_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET asks for the document; POST seals its scan and opens the check."""
        person = get_object_or_404(DataSubject.objects.select_related("service"), pk=pk)
        if not may(request.user, "members.view_masked", person.service):  # type: ignore[arg-type]
            raise Http404
        self._demand(request, person)
        policy = policy_of(person.service)
        codes = rule.purposes_for(policy, person.kind) if policy else ()
        if policy is None or not codes:
            raise Http404
        purposes = [(code, words.purposes(policy, [code])[0]) for code in codes]
        form = TakeInForm(request.POST or None, request.FILES or None, purposes=purposes)
        if request.method == "POST" and form.is_valid():
            check = self._taken_in(request, person, form)
            if check:
                messages.success(
                    request, _("Sealed. Look at the document now, then record the check.")
                )
                return HttpResponseRedirect(_url("record", check.pk))
        title = _("Check an official document of %(person)s") % {"person": person}
        more = {"form": form, "button": _("Take it in")}
        return self.step_page(request, "identity_form", title, page_of(person), more)

    def _taken_in(
        self, request: HttpRequest, person: DataSubject, form: TakeInForm
    ) -> IdentityCheck | None:
        scan, actor = form.cleaned_data["scan"], request.user
        try:
            return identity_check.take_in(
                person,
                document=form.cleaned_data["document"],
                purpose=form.cleaned_data["purpose"],
                content=scan.read(rule.MOST_BYTES + 1),
                actor=actor,  # type: ignore[arg-type]
                now=timezone.now(),
            )
        except identity_check.NotPossible as refused:
            form.add_error("scan", REFUSALS[str(refused)])
            return None

    def scan_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """POST hands the scan out as a file, never shown inside our pages; the ledger knows who looked."""
        check = self._check(request, pk)
        try:
            content = identity_check.look(
                check,
                actor=request.user,  # type: ignore[arg-type]
                now=timezone.now(),
            )
        except identity_check.NotPossible as refused:
            messages.error(request, REFUSALS[str(refused)])
            return HttpResponseRedirect(_url("record", pk))
        name = f"identity-check-{check.pk}.{ENDINGS[check.media]}"
        answer = HttpResponse(content, content_type="application/octet-stream")
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        answer["Cache-Control"] = "no-store, private"
        return answer

    def record_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET offers the scan and asks for the result; POST records it, and the scan is destroyed."""
        check = self._check(request, pk)
        form = ResultForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                identity_check.conclude(
                    check,
                    result=form.cleaned_data["result"],
                    actor=request.user,  # type: ignore[arg-type]
                    now=timezone.now(),
                )
            except identity_check.NotPossible as refused:
                messages.error(request, REFUSALS[str(refused)])
            else:
                bell.nudge("documents.destroy")
                messages.success(request, _("Recorded. The scan is destroyed now."))
            return HttpResponseRedirect(_url("change", pk))
        more = {"form": form, "check": check, "scan_url": _url("scan", pk)}
        return self.step_page(
            request, "identity_record", _("Record the check"), _url("change", pk), more
        )

    def _check(self, request: HttpRequest, pk: int) -> IdentityCheck:
        check: IdentityCheck | None = self.get_object(request, str(pk))
        if check is None:
            raise Http404
        self._demand(request, check)
        return check

    def _demand(self, request: HttpRequest, obj: IdentityCheck | DataSubject) -> None:
        if not may(request.user, "members.reveal", obj.service):  # type: ignore[arg-type]
            raise PermissionDenied


def _url(view: str, pk: int) -> str:
    return reverse(f"admin:members_identitycheck_{view}", args=[pk])
