"""Pages that only show: what a role may not see does not exist, and the ledger tells the story below."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format

from compliance.admin.base import OfficeModelAdmin
from compliance.rules.calendar import local_day


class ReadOnlyPage(OfficeModelAdmin):
    """A list and a page of its objects that nobody changes here; transitions have pages of their own."""

    change_form_template = "admin/records/object.html"

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """The object, or 404: a row of another service does not exist for this officer."""
        found = super().get_object(request, object_id, from_field)
        if found is None:
            raise Http404
        return found

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """The page, with the parts that `page_parts` adds."""
        extra = dict(extra_context or {})
        if object_id and request.method != "POST":
            obj = self.get_object(request, object_id)
            if self.has_view_permission(request, obj):
                extra |= self.page_parts(request, obj)
        return super().changeform_view(request, object_id, form_url, extra)

    def step_page(
        self, request: HttpRequest, name: str, title: Any, back: str, more: dict[str, Any]
    ) -> HttpResponse:
        """A page for one step with an object, ``admin/records/<name>.html``, under the list it belongs to."""
        context = self.admin_site.each_context(request) | {
            "title": title,
            "opts": self.opts,
            "list_label": self.menu_label,
            "list_url": reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"),
            "back": back,
        }
        return render(request, f"admin/records/{name}.html", context | more)

    def page_parts(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """What the template of the page needs beyond the fields, such as `timeline`."""
        return {}


def day_in_zone(moment: Any, zone: str) -> str:
    """The local day of a moment in words, with its zone. Example: `23 November 2026 (Asia/Seoul)`."""
    if moment is None:
        return ""
    return f"{date_format(local_day(moment, zone), 'DATE_FORMAT')} ({zone})"
