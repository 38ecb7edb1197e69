"""Pages about what is kept apart: whoever may not see them finds no page, and the ledger knows of the try."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from compliance.admin.readonly import ReadOnlyPage
from compliance.models import Service
from compliance.roles import may
from members.actions import archive_reading


def guard(
    request: HttpRequest, permission: str, service: Service | None = None, person: str | None = None
) -> None:
    """Let an officer with the permission pass; for anybody else there is nothing here (404)."""
    if may(request.user, permission, service):  # type: ignore[arg-type]
        return
    try:
        archive_reading.refuse(
            "no_permission",
            service=service,
            person=person,
            actor=request.user,  # type: ignore[arg-type]
            now=timezone.now(),
        )
    except archive_reading.NotAllowed as refused:
        raise Http404 from refused


class HiddenPage(ReadOnlyPage):
    """A read-only page that does not exist for roles without its permission."""

    refusal_status = 404

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list, or 404."""
        guard(request, self.view_permission)
        return super().changelist_view(request, extra_context)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """The page of one object, or 404."""
        guard(request, self.view_permission)
        return super().changeform_view(request, object_id, form_url, extra_context)
