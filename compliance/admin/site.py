"""The office: the admin site with the menu in the officer's words and the first page."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from django.contrib import admin
from django.core.exceptions import ImproperlyConfigured, PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import SimpleTemplateResponse
from django.urls import URLPattern, URLResolver, include, path, re_path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from compliance.admin import dashboard, menu, reveal
from compliance.admin.base import OfficeModelAdmin
from compliance.auth import session, views
from compliance.roles import PERMISSIONS, may

STOCK_APPS = frozenset({"auth"})
REFUSALS = {
    400: _("This address asks for something the page does not offer"),
    403: _("Your role does not open this page"),
    404: _("There is no such page"),
}
security_log = logging.getLogger("django.security.office")


class OfficeSite(admin.AdminSite):
    """The stock site without delete, pop-ups, autocomplete and jumps to stored objects."""

    site_header = _("Privacy Back Office")
    site_title = _("Privacy Back Office")
    index_title = _("Today")
    site_url = None
    enable_nav_sidebar = True

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.disable_action("delete_selected")

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Pages of the house have to build on OfficeModelAdmin; stock pages are not offered."""
        models = (
            model_or_iterable
            if isinstance(model_or_iterable, (list, tuple))
            else [model_or_iterable]
        )
        for model in models:
            if model._meta.app_label in STOCK_APPS:
                continue
            check_page(admin_class)
            super().register(model, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """Active staff, past the second factor."""
        return views.session_is_complete(request)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Sign-in pages, the first page, pages of the house, pages of models."""
        return [
            path("login/", views.sign_in, name="login"),
            path("logout/", views.sign_out, name="logout"),
            path("verify/", views.verify, name="verify"),
            path("enrol/", views.enrol, name="enrol"),
            path("language/", views.language, name="language"),
            path("", self.guard(self.index, "dashboard.view"), name="index"),
            path("keep-alive/", self.guard(views.keep_alive), name="keep_alive"),
            path("preferences/", self.guard(views.preferences), name="preferences"),
            path("password/", self.guard(views.PasswordChange.as_view()), name="password_change"),
            path("texts.js", self.guard(self.i18n_javascript), name="jsi18n"),
            path(
                "reveal/<slug:source>/<str:object_id>/<slug:field>/",
                self.guard(reveal.reveal, reveal.PERMISSION),
                name="reveal",
            ),
            *[
                path(page.route, self.guard(page.view, page.permission), name=page.name)
                for page in menu.pages()
            ],
            *self._model_urls(),
            re_path(r"(?P<url>.*)$", self.guard(self.catch_all_view)),
        ]

    def _model_urls(self) -> list[URLResolver]:
        return [
            path(f"{model._meta.app_label}/{model._meta.model_name}/", include(page.urls))
            for model, page in self._registry.items()
        ]

    def admin_view(self, view: Callable[..., HttpResponse], cacheable: bool = False) -> Any:
        """As in the stock site; what is refused is answered in the frame of the office."""

        def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                return _rendered(view(request, *args, **kwargs))
            except PermissionDenied:
                return self.refusal(request, 403)
            except Http404:
                return self.refusal(request, 404)
            except SuspiciousOperation as error:
                security_log.warning("refused: %s", type(error).__name__)
                return self.refusal(request, 400)

        return super().admin_view(update_wrapper(answered, view), cacheable)

    def refusal(self, request: HttpRequest, status: int) -> HttpResponse:
        """A page that says why nothing is shown, and where to go from here."""
        context = self.each_context(request) | {"title": REFUSALS[status], "status": status}
        return render(request, "admin/refused.html", context, status=status)

    def guard(self, view: Callable[..., HttpResponse], permission: str = "") -> Any:
        """A view for signed-in officers, and only for those whose role gives `permission`."""

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if permission and not may(request.user, permission):  # type: ignore[arg-type]
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return self.admin_view(update_wrapper(guarded, view))

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """What every page of the office shows: menu, how long the session lasts."""
        context = super().each_context(request)
        if not self.has_permission(request):
            return context
        return context | {
            "menu": self.menu(request),
            "idle_seconds": int(session.IDLE.total_seconds()),
            "warning_seconds": int(session.WARNING.total_seconds()),
        }

    def menu(self, request: HttpRequest) -> list[tuple[Any, list[menu.Entry]]]:
        """Sections with the entries this officer may open, in order; empty sections are left out."""
        found: dict[str, list[menu.Entry]] = {code: [] for code in menu.SECTIONS}
        found["today"].append(_entry(request, self.index_title, reverse("admin:index"), 0))
        for page in menu.pages():
            if page.section and may(request.user, page.permission):  # type: ignore[arg-type]
                url = reverse(f"admin:{page.name}")
                found[page.section].append(_entry(request, page.label, url, page.order))
        for model, model_page in self._registry.items():
            if model_page.menu_section and model_page.has_module_permission(request):  # type: ignore[attr-defined]
                found[model_page.menu_section].append(_model_entry(request, model, model_page))  # type: ignore[attr-defined]
        return [
            (menu.SECTIONS[code], sorted(entries, key=lambda entry: entry.order))
            for code, entries in found.items()
            if entries
        ]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The menu takes its place."""
        return []

    def index(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The first page: what is due, what comes, what happened."""
        now = timezone.now()
        context = self.each_context(request) | dashboard.overview(request.user, now=now)  # type: ignore[arg-type]
        title = {"title": self.index_title, "subtitle": None}
        return render(request, "admin/index.html", context | title | (extra_context or {}))


def _rendered(response: HttpResponse) -> HttpResponse:
    """Render now, so that a refusal raised while the page is drawn is answered as well."""
    if isinstance(response, SimpleTemplateResponse) and not response.is_rendered:
        return response.render()
    return response


def check_page(page: Any) -> None:
    """Refuse a page that does not build on the base or leaves a decision open.

    Raises ImproperlyConfigured with the name of the page and what is missing.
    """
    name = getattr(page, "__name__", repr(page))
    if page is None or not issubclass(page, OfficeModelAdmin):
        raise ImproperlyConfigured(f"{name} has to build on OfficeModelAdmin")
    missing = [
        what
        for what, is_missing in {
            "list_display": page.list_display == ("__str__",),
            "fields or fieldsets": not (page.fields or page.fieldsets),
            "view_permission": page.view_permission not in PERMISSIONS,
            "service_path": page.service_path == "",
            "save_model": bool(page.add_permission or page.change_permission)
            and page.save_model is OfficeModelAdmin.save_model,
            "no list_editable": bool(page.list_editable),
            "no autocomplete_fields": bool(page.autocomplete_fields),
            "a section of the menu": page.menu_section not in (None, *menu.SECTIONS),
        }.items()
        if is_missing
    ]
    if missing:
        raise ImproperlyConfigured(f"{name} has to declare: {', '.join(missing)}")


def _entry(request: HttpRequest, label: Any, url: str, order: int) -> menu.Entry:
    return menu.Entry(label, url, is_current=request.path == url, order=order)


def _model_entry(request: HttpRequest, model: Any, page: Any) -> menu.Entry:
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    words = str(page.menu_label or model._meta.verbose_name_plural)
    label = words[:1].upper() + words[1:]
    return menu.Entry(label, url, is_current=request.path.startswith(url), order=page.menu_order)
