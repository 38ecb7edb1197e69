"""The audit trail: the ledger as a list nobody can change."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compliance.admin.base import OfficeModelAdmin
from compliance.admin.filters import FromDayFilter, OwnSlugFilter, ToDayFilter
from compliance.admin.history import words_for
from compliance.admin.ledger_words import NOUNS
from compliance.ledger import FOR_PERSON, PERSON, SYSTEM
from compliance.models import Account, LedgerEntry


class WhoFilter(admin.SimpleListFilter):
    """People or the system."""

    title = _("who")
    parameter_name = "by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Two answers."""
        return [("people", pgettext_lazy("who acted", "People")), ("system", _("System"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Entries with the system as actor, or with anybody else."""
        if self.value() == "system":
            return queryset.filter(actor=SYSTEM)
        return queryset.exclude(actor=SYSTEM) if self.value() == "people" else queryset


class NounFilter(admin.SimpleListFilter):
    """What the entries are about."""

    title = _("about")
    parameter_name = "about"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The nouns of the register of codes."""
        return sorted(
            ((noun, _now(words)) for noun, words in NOUNS.items()), key=lambda one: one[1]
        )

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Entries whose code begins with the noun; a range, so that the index serves it."""
        noun = str(self.value() or "")
        return (
            queryset.filter(code__gte=f"{noun}.", code__lt=f"{noun}/")
            if noun in NOUNS
            else queryset
        )


@admin.register(LedgerEntry)
class LedgerEntryAdmin(OfficeModelAdmin):
    """What happened, who did it, under which clause."""

    menu_section, menu_label, menu_order = "oversight", _("Audit trail"), 10
    view_permission, service_path, by_slug = "ledger.view", "service_slug", True
    list_display = ("number", "at", "who", "what", "service_slug", "object_ref", "clause")
    list_display_links = ("number",)
    fields = (
        "seq",
        "at",
        "who",
        "what",
        "code_of_entry",
        "service_slug",
        "object_ref",
        "subject_key",
        "clause",
        "data",
        "prev_hash",
        "hash",
    )
    readonly_fields = ("who", "what", "code_of_entry")
    show_history = False
    change_list_template = "admin/records/ledger_list.html"
    lookups = frozenset({"service_slug__exact"})
    list_filter = (WhoFilter, NounFilter, OwnSlugFilter, FromDayFilter, ToDayFilter)
    quick_views = (
        (_("All"), ""),
        (pgettext_lazy("who acted", "People"), "by=people"),
        (_("System"), "by=system"),
    )
    ordering = ("-seq",)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Entries with the name of the officer, read in the same query."""
        staff = Account.objects.filter(username=OuterRef("actor"), is_staff=True)
        named = Subquery(staff.values("full_name")[:1])
        return super().get_queryset(request).annotate(actor_name=named)

    @admin.display(description=_("number"))
    def number(self, entry: LedgerEntry) -> str:
        """The place in the chain."""
        return f"#{entry.seq}"

    @admin.display(description=_("who"))
    def who(self, entry: LedgerEntry) -> Any:
        """The officer by name, or the system; a person stays a pseudonym."""
        if entry.actor == SYSTEM:
            return _("System")
        if entry.actor == PERSON:
            return _("The person")
        if entry.actor == FOR_PERSON:
            return _("The legal representative")
        return getattr(entry, "actor_name", None) or f"Account {entry.actor[:8]}"

    @admin.display(description=_("what"))
    def what(self, entry: LedgerEntry) -> str:
        """The code in words."""
        return words_for(entry.code)

    @admin.display(description=_("code"))
    def code_of_entry(self, entry: LedgerEntry) -> str:
        """The registered code."""
        return entry.code
