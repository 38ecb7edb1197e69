"""The one base of every admin page: safe by default, and explicit wherever it opens something.

A page says who may see, add and change (permissions of roles.py), which services it is limited
to (`service_path`), its columns, its fields, and the section of the menu. Nothing is deleted,
nothing is written to Django's own log, and no column that is not listed can be asked about.

    @admin.register(Notice)
    class NoticeAdmin(OfficeModelAdmin):
        menu_section, view_permission, service_path = "policies", "notices.view", "service"
        list_display, fields = ("title", "state"), ("title", "state")
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

from django import forms
from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.contrib.admin.options import IS_POPUP_VAR, TO_FIELD_VAR
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import models
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from compliance.admin.changelist import CURSORS, OfficeChangeList
from compliance.admin.history import entries_about
from compliance.models import Service
from compliance.roles import may, services_of

FILTER_LOOKUPS = (
    "",
    "__exact",
    "__isnull",
    "__isempty",
    "__gte",
    "__lt",
    "__lte",
    "__id__exact",
    "__pk__exact",
)
WHOLE_HOUSE = None
PLACES = (*CURSORS, PAGE_VAR)
NATIVE_INPUTS = {
    models.DateField: {"widget": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")},
    models.DateTimeField: {
        "form_class": forms.DateTimeField,
        "widget": forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    },
    models.TimeField: {"widget": forms.TimeInput(attrs={"type": "time"}, format="%H:%M")},
}


class OfficeModelAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """See the module. Attributes to fill are listed first."""

    view_permission: str = ""
    add_permission: str | None = None
    change_permission: str | None = None
    service_path: str | None = ""
    by_slug = False
    refusal_status = 403  # What a role without the permission gets; 404 where even the page is none of its business.
    menu_section: str | None = None
    menu_label: Any = ""
    menu_order = 50
    quick_views: Sequence[tuple[Any, str]] = ()
    lookups: frozenset[str] = frozenset()
    empty_message: Any = ""
    show_history = True

    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    sortable_by: Sequence[str] = ()
    actions: Sequence[Any] = ()
    actions_selection_counter = False
    save_on_top = False
    view_on_site = False
    formfield_overrides = NATIVE_INPUTS

    # Who may

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """From the role alone, in the service of the object."""
        return self.allows(request, self.view_permission, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody, unless the page names a permission."""
        return self.allows(request, self.add_permission)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody, unless the page names a permission."""
        return self.allows(request, self.change_permission, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody: rows end by a transition of their own, never by a delete button."""
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whoever may see the rows."""
        return self.has_view_permission(request)

    def allows(
        self, request: HttpRequest, permission: str | None, obj: Model | None = None
    ) -> bool:
        """Whether the signed-in officer has a permission, for the service of `obj` if given."""
        if permission is None:
            return False
        service = self.service_of(obj) if obj is not None else None
        return may(request.user, permission, service)  # type: ignore[arg-type]

    def service_of(self, obj: Any) -> Any:
        """The service (or its slug) an object belongs to; None for the whole house."""
        if not self.service_path:
            return None
        if self.service_path == "pk":
            return obj
        for step in self.service_path.split("__"):
            obj = getattr(obj, step, None)
        return obj or None

    # What is seen

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Rows of the services where the officer's role allows to see them."""
        rows = super().get_queryset(request)
        if self.service_path is WHOLE_HOUSE:
            return rows
        services = services_of(request.user, self.view_permission)  # type: ignore[arg-type]
        if self.by_slug:
            slugs = [*services.values_list("slug", flat=True), ""]
            return rows.filter(**{f"{self.service_path}__in": slugs})
        ids = list(services.values_list("pk", flat=True))
        return rows.filter(Q(**{f"{self.service_path}__in": ids}))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only what a filter of this page asks; everything else is refused (400)."""
        return lookup in self.allowed_lookups(request)

    def allowed_lookups(self, request: HttpRequest | None = None) -> frozenset[str]:
        """Names in the query string that the filters of this page produce."""
        allowed = set(self.lookups)
        filters = self.get_list_filter(request) if request else self.list_filter
        for item in filters:
            if isinstance(item, type) and issubclass(item, SimpleListFilter):
                allowed.add(str(item.parameter_name))
                continue
            name = item[0] if isinstance(item, (tuple, list)) else item
            allowed |= {f"{name}{lookup}" for lookup in FILTER_LOOKUPS}
        return frozenset(allowed)

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        """No page of ours is a pop-up picker."""
        return False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[OfficeChangeList]:
        """Lists that do not count."""
        return OfficeChangeList

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Declared actions only: the delete action of the site does not exist here."""
        found = super().get_actions(request)
        found.pop("delete_selected", None)
        return found

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Choices are limited to the officer's services and to rows the officer may see."""
        if "queryset" not in kwargs:
            target = db_field.remote_field.model
            limited = self._visible(target, request)
            if limited is not None:
                kwargs["queryset"] = limited
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def _visible(self, target: type[Model], request: HttpRequest) -> QuerySet[Any] | None:
        if target is Service:
            needed = self.change_permission or self.add_permission or self.view_permission
            return services_of(request.user, needed)  # type: ignore[arg-type]
        page = self.admin_site._registry.get(target)
        return page.get_queryset(request) if page else None

    # What is done

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """A page that lets people add or change must call an action here."""
        raise NotImplementedError(f"{type(self).__name__} has to call an action")

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Never."""
        raise PermissionDenied

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Never."""
        raise PermissionDenied

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Actions work on ticked rows only, never on "all" unseen."""
        if request.POST.get("select_across", "0") != "0":
            raise SuspiciousOperation("select_across is not offered")
        return super().response_action(request, queryset)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Actions write the ledger; Django's log would keep the names of people."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """See log_addition."""

    def log_deletion(self, request: HttpRequest, obj: Any, object_repr: str) -> None:
        """See log_addition."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:
        """See log_addition."""

    # Pages

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list, titled in the officer's words, with quick views above it."""
        self._refuse_popup(request)
        if any("\0" in "".join(given) for name, given in request.GET.lists() if name not in PLACES):
            raise SuspiciousOperation("no database takes this character")
        label = self.menu_label or self.opts.verbose_name_plural
        title = str(label)[:1].upper() + str(label)[1:]
        extra = {"title": title, "quick_views": self.quick_view_links(request)}
        return super().changelist_view(request, extra | (extra_context or {}))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """The page of one object: its name, state, one line about it, and what can be done next."""
        self._refuse_popup(request)
        extra: dict[str, Any] = {}
        obj = self.get_object(request, object_id) if object_id else None
        if obj is not None and self.has_view_permission(request, obj):
            extra = {
                "title": str(obj),
                "subtitle": None,
                "object_status": self.object_status(obj),
                "object_summary": self.object_summary(request, obj),
                "object_links": self.object_links(request, obj),
            }
        extra |= {
            "show_history": self.show_history,
            "show_save_and_add_another": False,
            "show_save_and_continue": False,
        }
        return super().changeform_view(request, object_id, form_url, extra | (extra_context or {}))

    def object_status(self, obj: Any) -> Any:
        """The status label in the head of an object's page (labels.status), or nothing."""
        return ""

    def object_summary(self, request: HttpRequest, obj: Any) -> Any:
        """One line about an object under its title, or nothing."""
        return ""

    def object_links(self, request: HttpRequest, obj: Any) -> list[tuple[Any, str]]:
        """What can be done next: (words, address); the first is the strong button."""
        return []

    def quick_view_links(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Saved views above the table, with the one that is open marked."""
        current = {key: value for key, value in request.GET.items() if key not in PLACES}
        return [
            {"label": label, "query": query, "is_current": dict(parse_qsl(query)) == current}
            for label, query in self.quick_views
        ]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """What happened to an object, from the ledger."""
        obj = self.get_object(request, object_id)
        if obj is None:
            raise Http404
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        context = self.admin_site.each_context(request) | {
            "title": _("History"),
            "subtitle": str(obj),
            "entries": entries_about(self.ledger_reference(obj), self.ledger_subject(obj)),
            "object": obj,
            "opts": self.opts,
        }
        return TemplateResponse(
            request, "admin/object_history.html", context | (extra_context or {})
        )

    def ledger_reference(self, obj: Any) -> str:
        """How the ledger refers to an object. Example: `notice:12`."""
        return f"{self.opts.model_name}:{obj.pk}"

    def ledger_subject(self, obj: Any) -> str | None:
        """The public id of the person an object is about, for their entries in the ledger."""
        return None

    def _refuse_popup(self, request: HttpRequest) -> None:
        asked = {*request.GET, *request.POST}
        if asked & {IS_POPUP_VAR, TO_FIELD_VAR}:
            raise SuspiciousOperation("pop-ups are not offered")


class OfficeInline(admin.StackedInline):  # type: ignore[type-arg]
    """Rows of another model on the page of their owner; read-only unless the page says otherwise."""

    extra = 0
    can_delete = False
    show_change_link = False
    view_permission: str = ""
    change_permission: str | None = None
    formfield_overrides = NATIVE_INPUTS

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """From the role alone, in the service of the owner."""
        return self._allows(request, self.view_permission, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As for a change."""
        return self.has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody, unless the inline names a permission."""
        return self._allows(request, self.change_permission, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def _allows(self, request: HttpRequest, permission: str | None, owner: Any) -> bool:
        page = self.admin_site._registry[self.parent_model]
        return page.allows(request, permission, owner)  # type: ignore[attr-defined]
