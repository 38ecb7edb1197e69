"""Import people and events: hand a file in, look at what would happen, apply it or leave it.

Each file is a job of the worker, so nothing here takes long and the page may be left. The pages
belong to officers with `members.import` in the service of the job, and to nobody else.
"""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin import site
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from compliance import bell
from compliance.admin import menu
from compliance.admin.labels import status
from compliance.models import Job, Service
from compliance.roles import may, services_of
from compliance.selectors import policy_in_force, policy_values
from members.imports import engine, formats, jobs, staging
from members.imports.csv_reader import MAX_BYTES, MAX_ROWS
from members.imports.outcome import Preview
from members.imports.template import template_file
from members.imports.words import sentence
from members.models import DataSubject
from members.rules.import_columns import kinds_of

PERMISSION, ENTRY = "members.import", "imports.run"
ACCEPTED = ",".join((*(f".{one}" for one in formats.FORMATS), ".jsonl"))
LISTED, SHOWN = 50, 100
STATES = {
    "waiting": "wait",
    "running": "wait",
    "done": "good",
    "problems": "risk",
    "failed": "bad",
    "cancelled": "quiet",
}
ENDS = {
    "cancelled": _("It was stopped. Nothing of it was kept."),
    "file_gone": _("The file was destroyed after 24 hours. Hand it in again."),
    "problems": _("The file no longer fits the policy. Nothing of it was kept."),
    "failed": _(
        "It failed three times. Nothing of it was kept. Tell support the number of the job."
    ),
}


LOST = (Job.State.CANCELLED, Job.State.FAILED)
TOO_LATE = _(
    "Dormant people whom the file names are coming back already, so it can no longer be stopped."
)


class UploadForm(forms.Form):
    """A file, what it holds, and the service it is for."""

    service = forms.ModelChoiceField(label=_("Service"), queryset=Service.objects.none())
    kind_of_file = forms.ChoiceField(
        label=_("What is in the file"),
        choices=[(engine.PEOPLE, _("People")), (engine.EVENTS, _("Orders and other events"))],
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "CSV in UTF-8 or CP949, or XLSX (only the first sheet, no formulas); at most 20 MB and "
            "50,000 rows. Events also as JSON lines."
        ),
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
        # The server drops a larger upload before the form can see it.
        error_messages={"required": _("Choose a file of at most 20 MB.")},
    )

    def __init__(self, *args: Any, services: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = services  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        """Only the size is looked at here; everything else is for the preview."""
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(sentence("file_too_large", params={"limit_mb": 20}))
        return file


def overview(request: HttpRequest) -> HttpResponse:
    """The form, templates to start from, and the newest imports."""
    services = _services(request)
    form = UploadForm(request.POST or None, request.FILES or None, services=services)
    if request.method == "POST" and form.is_valid():
        return _to_job(_hand_in(request, form))
    rows = Job.objects.filter(kind=jobs.KIND, service__in=services).select_related(
        "service", "owner"
    )
    context = site.each_context(request) | {
        "title": _("Import"),
        "form": form,
        "templates": [(service, _kinds(service)) for service in services],
        "jobs": [_line(job) for job in rows.order_by("-created_at")[:LISTED]],
        "limit": MAX_ROWS,
    }
    return render(request, "admin/imports/overview.html", context)


@require_GET
def show(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """One import: its progress, what it found, and the next step."""
    job = _job(request, job_id)
    found = jobs.preview_of(job)
    context = site.each_context(request) | {
        "title": _("Import into %(service)s") % {"service": job.service.name},
        "subtitle": job.pk.hex[:8],
        "job": job,
        "line": _line(job),
        "is_open": job.state in jobs.OPEN,
        "may_stop": not staging.is_returning(job),
        "returned": job.outcome.get("returned", 0) if job.state in LOST else 0,
        "is_previewed": job.params.get("step") == jobs.PREVIEWED,
        "may_apply": _may_apply(job, found),
        "found": found,
        "problems": _sentences(found.problems) if found else [],
        "rejected": _rejected(found) if found else [],
        "hidden": max(0, len(found.rejected) - SHOWN) if found else 0,
        "end": ENDS.get(job.outcome.get("reason", "")),
    }
    return render(request, "admin/imports/job.html", context)


@require_POST
def apply(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Let the worker put the file in."""
    job = _job(request, job_id)
    if jobs.ask_apply(job, actor=request.user, now=timezone.now()):  # type: ignore[arg-type]
        bell.nudge(ENTRY)
        messages.success(request, _("The file is being imported. You can leave this page."))
    else:
        messages.error(request, _("This file is not waiting to be applied."))
    return _to_job(job)


@require_POST
def cancel(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Stop after the chunk in hand; everything is taken back, unless people are coming back by it already."""
    job = _job(request, job_id)
    if jobs.ask_cancel(job, now=timezone.now()):
        bell.nudge(ENTRY)
        messages.success(request, _("The import stops and takes back what it has put in."))
    else:
        job.refresh_from_db()
        if staging.is_returning(job):
            messages.error(request, TOO_LATE)
    return _to_job(job)


@require_GET
def rejected(request: HttpRequest, job_id: UUID, extension: str = "csv") -> HttpResponse:
    """The refused rows with their reasons, in the officer's language."""
    job = _job(request, job_id)
    data = jobs.rejected_file(job, extension=extension, language=get_language() or "en")
    if data is None:
        raise Http404
    return _download(data, f"rejected-{job.pk.hex[:8]}", extension)


@require_GET
def template(request: HttpRequest, service: str, kind: str, extension: str = "csv") -> HttpResponse:
    """An empty file with the right columns."""
    found = _services(request).filter(slug=service).first()
    version = policy_in_force(found) if found else None
    if version is None:
        raise Http404
    try:
        data = template_file(policy_values(version), kind, extension=extension)
    except KeyError:
        raise Http404 from None
    return _download(data, f"{service}-{kind}", extension)


def _services(request: HttpRequest) -> Any:
    return services_of(request.user, PERMISSION).order_by("name")  # type: ignore[arg-type]


def _job(request: HttpRequest, job_id: UUID) -> Job:
    job = Job.objects.filter(pk=job_id, kind=jobs.KIND).select_related("service", "owner").first()
    if job is None or job.service is None:
        raise Http404
    if not may(request.user, PERMISSION, job.service):  # type: ignore[arg-type]
        raise PermissionDenied
    return job


def _hand_in(request: HttpRequest, form: UploadForm) -> Job:
    actor: Any = request.user
    job = jobs.hand_in(
        form.cleaned_data["service"],
        form.cleaned_data["file"].read(),
        kind_of_file=form.cleaned_data["kind_of_file"],
        actor=actor,
        now=timezone.now(),
    )
    bell.nudge(ENTRY)
    return job


def _to_job(job: Job) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:import_job", args=[job.pk]))


def _kinds(service: Service) -> list[tuple[str, Any]]:
    version = policy_in_force(service)
    if version is None:
        return []
    labels = dict(DataSubject.Kind.choices)
    kinds = [(kind, labels.get(kind, kind)) for kind in kinds_of(policy_values(version))]
    return [*kinds, ("events", _("Orders and other events"))]


def _line(job: Job) -> dict[str, Any]:
    words = job.get_state_display()
    if job.state == Job.State.DONE and job.params.get("step") == jobs.PREVIEWED:
        words = _("Ready to apply")
    return {
        "url": reverse("admin:import_job", args=[job.pk]),
        "service": job.service,
        "is_people": job.params.get("kind") == engine.PEOPLE,
        "owner": job.owner,
        "at": job.created_at,
        "status": status(STATES[job.state], words),
        "counts": job.outcome if "new" in job.outcome else None,
    }


def _may_apply(job: Job, found: Preview | None) -> bool:
    waits = job.params.get("step") == jobs.PREVIEWED and job.state not in jobs.OPEN
    return bool(waits and found and not found.problems and (found.new or found.changed))


def _rejected(found: Preview) -> list[tuple[int, str]]:
    return [(row.line, "; ".join(_sentences(row.reasons))) for row in found.rejected[:SHOWN]]


def _sentences(reasons: Any) -> list[str]:
    return [sentence(reason.code, reason.column, reason.params) for reason in reasons]


def _download(data: bytes, name: str, extension: str) -> HttpResponse:
    response = HttpResponse(data, content_type=formats.content_type(extension))
    response["Content-Disposition"] = f'attachment; filename="{name}.{extension}"'
    response["Cache-Control"] = "no-store"
    return response


IN_XLSX = {"extension": "xlsx"}
for page in (
    menu.Page("imports/", overview, "imports", PERMISSION, "people", _("Import"), order=80),
    menu.Page("imports/<uuid:job_id>/", show, "import_job", PERMISSION),
    menu.Page("imports/<uuid:job_id>/apply/", apply, "import_apply", PERMISSION),
    menu.Page("imports/<uuid:job_id>/cancel/", cancel, "import_cancel", PERMISSION),
    menu.Page("imports/<uuid:job_id>/rejected.csv", rejected, "import_rejected", PERMISSION),
    menu.Page(
        "imports/<uuid:job_id>/rejected.xlsx",
        partial(rejected, **IN_XLSX),
        "import_rejected_xlsx",
        PERMISSION,
    ),
    menu.Page(
        "imports/template/<slug:service>/<slug:kind>.csv", template, "import_template", PERMISSION
    ),
    menu.Page(
        "imports/template/<slug:service>/<slug:kind>.xlsx",
        partial(template, **IN_XLSX),
        "import_template_xlsx",
        PERMISSION,
    ),
):
    menu.register_page(page)
