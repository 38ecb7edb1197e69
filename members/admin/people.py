"""Members and purchasers without account: lists, the page of one person, and what is done for them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from compliance.admin.filters import OwnServiceFilter
from compliance.admin.labels import masked
from compliance.admin.readonly import ReadOnlyPage
from compliance.roles import may, services_of
from members.admin import cases, person_actions, person_page, request_start, search
from members.admin.people_list import FoundFilter, LanguageFilter, LastUsedFilter, PeopleChangeList
from members.admin.reveal_source import page_of
from members.models import DataSubject, Member, Purchaser

HERE = (DataSubject.Status.ACTIVE, DataSubject.Status.RESTRICTED, DataSubject.Status.DORMANT)


class PersonAdmin(ReadOnlyPage):
    """What both kinds of people have in common: same columns, same page, same rights."""

    has_membership = True
    menu_section = "people"
    view_permission, service_path = "members.view_masked", "service"
    change_list_template = "admin/people/list.html"
    change_form_template = "admin/people/person.html"
    list_display = (
        "number",
        "name",
        "email",
        "state",
        "service",
        "reads",
        "joined_on",
        "used_on",
        "optional_consents",
        "open_requests",
    )
    list_display_links = ("number",)
    list_select_related = ("service",)
    list_filter = (FoundFilter, "status", OwnServiceFilter, LanguageFilter, LastUsedFilter)
    fields = ("public_id", "kind", "status")
    ordering = ("-joined_at", "-pk")
    quick_views = (
        (_("All"), ""),
        (_("Active"), "status__exact=active"),
        (_("On hold"), "status__exact=restricted"),
        (_("Leaving"), "status__exact=leaving"),
    )
    show_history = False
    empty_message = _("Nobody is here yet. People join on the member pages, or come by an import.")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[PeopleChangeList]:
        """Pages whose masked values are opened in one batch."""
        return PeopleChangeList

    def get_urls(self) -> list[Any]:
        """Search, withdraw and hold beside the stock pages."""
        name = self.opts.model_name
        own = [
            path("search/", self._guarded(self.search_view), name=f"members_{name}_search"),
            path(
                "<int:pk>/withdraw/",
                self._guarded(self.withdraw_view),
                name=f"members_{name}_withdraw",
            ),
            path("<int:pk>/hold/", self._guarded(self.hold_view), name=f"members_{name}_hold"),
            path("<int:pk>/request/", self._guarded(self.ask_view), name=f"members_{name}_request"),
        ]
        return own + super().get_urls()

    def _guarded(self, view: Any) -> Any:
        return self.admin_site.admin_view(view)

    # Columns

    @admin.display(description=_("no."))
    def number(self, person: DataSubject) -> str:
        """The pseudonym that pages and the ledger speak of."""
        return f"p_{person.public_id[:8]}"

    @admin.display(description=_("name"))
    def name(self, person: Any) -> SafeString | str:
        """Masked."""
        return masked(person.shown.name) if person.shown.name else "–"

    @admin.display(description=_("e-mail"))
    def email(self, person: Any) -> SafeString | str:
        """Masked."""
        return masked(person.shown.email) if person.shown.email else "–"

    @admin.display(description=_("status"))
    def state(self, person: DataSubject) -> SafeString:
        """A word and a shape."""
        return person_page.person_status(person)

    @admin.display(description=_("language"))
    def reads(self, person: DataSubject) -> str:
        """The language of messages."""
        return person.language

    @admin.display(description=_("joined"))
    def joined_on(self, person: DataSubject) -> str:
        """Day in the officer's zone."""
        return date_format(timezone.localtime(person.joined_at), "DATE_FORMAT")

    @admin.display(description=_("last used"))
    def used_on(self, person: DataSubject) -> str:
        """Day in the officer's zone."""
        return date_format(timezone.localtime(person.last_used_at), "DATE_FORMAT")

    @admin.display(description=_("consents"))
    def optional_consents(self, person: Any) -> str:
        """How many of the optional purposes the person agreed to."""
        return f"{person.shown.agreed}/{person.shown.optional}"

    @admin.display(description=_("open"))
    def open_requests(self, person: Any) -> str:
        """How many requests wait."""
        return str(person.shown.open_requests or "–")

    # Pages

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list with its search box; the value is sent in the body, never in the address."""
        extra = {"search_form": search.SearchForm(), "search_url": self._url("search")}
        return super().changelist_view(request, extra | (extra_context or {}))

    def search_view(self, request: HttpRequest) -> HttpResponse:
        """POST: find people by an exact value and lead to them; the value is forgotten with the request."""
        return _search(request, self)

    def page_parts(self, request: HttpRequest, obj: DataSubject) -> dict[str, Any]:
        """The open tab."""
        return person_page.parts(request, obj, now=timezone.now())

    def object_status(self, obj: DataSubject) -> SafeString:
        """A word and a shape."""
        return person_page.person_status(obj)

    def object_summary(self, request: HttpRequest, obj: DataSubject) -> str:
        """Since when, consents, requests."""
        return person_page.summary(obj, now=timezone.now())

    def object_links(self, request: HttpRequest, obj: DataSubject) -> list[tuple[Any, str]]:
        """What may be done for this person now."""
        if obj.status == DataSubject.Status.JOINING:
            return []
        links = [
            ("requests.handle", _("Start a request"), "request"),
            ("holds.manage", _("Set a hold"), "hold"),
        ]
        if self.has_membership and obj.status in HERE:
            links.append(("members.withdraw", _("Withdraw membership for this person"), "withdraw"))
        found = [
            (words, self._url(view, obj.pk))
            for permission, words, view in links
            if may(request.user, permission, obj.service)  # type: ignore[arg-type]
        ]
        return found + cases.link_to_propose(request, obj)

    def withdraw_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """See person_actions.withdraw; only a membership can be withdrawn."""
        if not self.has_membership:
            raise Http404
        person = self.person(request, pk, "members.withdraw")
        return person_actions.withdraw(request, self, person)

    def hold_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """See person_actions.hold."""
        person = self.person(request, pk, "holds.manage")
        return person_actions.hold(request, self, person)

    def ask_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """See request_start.start."""
        person = self.person(request, pk, "requests.handle")
        return request_start.start(request, self, person)

    def person(self, request: HttpRequest, pk: int, permission: str) -> DataSubject:
        """The person, 404 outside the officer's services, 403 without the permission."""
        found: DataSubject = self.get_object(request, str(pk))
        if not may(request.user, permission, found.service):  # type: ignore[arg-type]
            raise PermissionDenied
        return found

    def _url(self, view: str, *args: Any) -> str:
        return reverse(f"admin:members_{self.opts.model_name}_{view}", args=args)

    def ledger_subject(self, obj: DataSubject) -> str:
        """Everything the ledger tells of the person."""
        return obj.public_id


@sensitive_post_parameters("value")
def _search(request: HttpRequest, page: PersonAdmin) -> HttpResponse:
    if not page.has_view_permission(request):
        raise PermissionDenied
    list_url = page._url("changelist")
    form = search.SearchForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return HttpResponseRedirect(list_url)
    services = services_of(request.user, page.view_permission)  # type: ignore[arg-type]
    ids = search.people_with(form.cleaned_data["value"], services)
    if not ids:
        messages.warning(
            request,
            _("Nobody holds exactly this value. Names and addresses have to be typed in full."),
        )
        return HttpResponseRedirect(list_url)
    people = list(DataSubject.objects.filter(pk__in=ids, service__in=services))
    if len(people) == 1:
        return HttpResponseRedirect(page_of(people[0]))
    token = search.remember(request, [person.pk for person in people], now=timezone.now())
    if not page.get_queryset(request).filter(pk__in=ids).exists():
        list_url = page_of(people[0]).rsplit("/", 3)[0] + "/"
    return HttpResponseRedirect(f"{list_url}?found={token}")


@admin.register(Member)
class MemberAdmin(PersonAdmin):
    """People who joined."""

    menu_label, menu_order = _("Members"), 10


@admin.register(Purchaser)
class PurchaserAdmin(PersonAdmin):
    """People who bought or received without joining."""

    menu_label, menu_order = _("Purchasers without account"), 20
    has_membership = False
