"""Handing in a policy file as a draft: all of its problems at once, or a draft."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from compliance import policy_files
from compliance.actions import policy_loading
from compliance.actions.policy_loading import LoadResult
from compliance.admin import policy_pages as pages
from compliance.admin.policy_problems import file_lines
from compliance.models import Service
from compliance.roles import may
from compliance.rules.policy_schema import Problem, validate

EDIT = "policies.edit"


class UploadForm(forms.Form):
    """One file."""

    file = forms.FileField(
        label=gettext_lazy("Policy file (TOML)"),
        widget=forms.ClearableFileInput(attrs={"accept": ".toml"}),
        help_text=gettext_lazy("It becomes a draft. The policy in force stays in force."),
        error_messages={
            "required": gettext_lazy("Choose a file."),
            "empty": gettext_lazy("This file is empty."),
        },
    )


def upload(request: HttpRequest) -> HttpResponse:
    """Show the form; POST checks the whole file and writes a draft only if nothing is wrong with it."""
    if not may(request.user, EDIT):  # type: ignore[arg-type]
        raise PermissionDenied
    form = UploadForm(request.POST or None, request.FILES or None, label_suffix="")
    if request.method != "POST":
        return _page(request, form)
    if not form.is_valid():
        return _page(request, form, answer=422)
    result = _load(request, form.cleaned_data["file"])
    if result.problems:
        return _page(request, form, result.problems, answer=422)
    said = {
        True: _("Loaded as a draft."),
        False: _("Nothing to do: this version says the same already."),
    }
    messages.success(request, said[result.created])
    return redirect(pages.url("change", result.version.pk))  # type: ignore[union-attr]


def _load(request: HttpRequest, file: Any) -> LoadResult:
    if file.size > policy_files.LARGEST_FILE:
        params = {"reason": f"> {policy_files.LARGEST_FILE} bytes"}
        return LoadResult(problems=[Problem(file.name, "", "", "", "unreadable_file", params)])
    data, problems = policy_files.parse(file.read(), file.name)
    problems = problems or validate(data, file=file.name) or _stranger(request, data, file.name)
    if problems:
        return LoadResult(problems=problems)
    return policy_loading.load(
        data,
        file=file.name,
        as_draft=True,
        actor=request.user,
        now=timezone.now(),  # type: ignore[arg-type]
    )


def _stranger(request: HttpRequest, data: dict[str, Any], name: str) -> list[Problem]:
    """Return a problem for a service that this officer may not write for, or that does not exist."""
    slug = data["service"]["slug"]
    known = Service.objects.filter(slug=slug).exists()
    if known and may(request.user, EDIT, slug):  # type: ignore[arg-type]
        return []
    return [Problem(name, "service", "", "slug", "not_your_service", {"value": slug})]


def _page(
    request: HttpRequest,
    form: UploadForm,
    problems: list[Problem] | None = None,
    *,
    answer: int = 200,
) -> HttpResponse:
    context = admin.site.each_context(request) | {
        "title": _("Load a policy file as a draft"),
        "form": form,
        "problems": file_lines(problems or []),
        "file": problems[0].file if problems else "",
    }
    return render(request, "admin/policies/upload.html", context, status=answer)
