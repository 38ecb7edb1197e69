"""What the pages of policy versions share: finding a version, the frame, labels, refusals."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from compliance.admin.labels import status
from compliance.models import PolicyVersion
from compliance.roles import may, services_of

State = PolicyVersion.State
KINDS = {
    State.DRAFT: "quiet",
    State.IN_REVIEW: "wait",
    State.APPROVED: "wait",
    State.ANNOUNCED: "wait",
    State.IN_EFFECT: "good",
    State.SUPERSEDED: "quiet",
    State.CANCELLED: "quiet",
}


def find(request: HttpRequest, pk: int, permission: str = "policies.view") -> PolicyVersion:
    """Return a version of the officer's services: else 404; 403 without the permission there."""
    services = services_of(request.user, "policies.view")  # type: ignore[arg-type]
    version = (
        PolicyVersion.objects.filter(pk=pk, service__in=services).select_related("service").first()
    )
    if version is None:
        raise Http404
    if not may(request.user, permission, version.service):  # type: ignore[arg-type]
        raise PermissionDenied
    return version


def allowed(request: HttpRequest, version: PolicyVersion, permission: str) -> bool:
    """Tell whether the officer's role in the service of a version gives a permission."""
    return may(request.user, permission, version.service)  # type: ignore[arg-type]


def url(name: str, *args: Any) -> str:
    """Return the address of a page of versions. Example: ``url("check", 7)``."""
    return reverse(f"admin:compliance_policyversion_{name}", args=args)


def state_label(version: PolicyVersion) -> SafeString:
    """Return the status label of a version."""
    return status(KINDS[State(version.state)], version.get_state_display())


def show(
    request: HttpRequest,
    template: str,
    version: PolicyVersion,
    title: Any,
    context: dict[str, Any],
    *,
    answer: int = 200,
) -> HttpResponse:
    """Answer with a page about a version in the frame of the office."""
    shared = admin.site.each_context(request) | {
        "title": title,
        "version": version,
        "version_status": state_label(version),
        "is_draft": version.state == State.DRAFT,
        "may_edit": version.state == State.DRAFT and allowed(request, version, "policies.edit"),
    }
    return render(request, f"admin/policies/{template}.html", shared | context, status=answer)


def refused(request: HttpRequest, version: PolicyVersion, words: str) -> HttpResponse:
    """Answer 409 with the reason why nothing was changed."""
    context = {"reason": words}
    return show(request, "refused", version, _("Nothing was changed"), context, answer=409)


def only_post(request: HttpRequest) -> HttpResponse | None:
    """Return the refusal of anything but POST, None for a POST."""
    return None if request.method == "POST" else HttpResponseNotAllowed(["POST"])
