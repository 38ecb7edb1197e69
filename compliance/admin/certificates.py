"""Certificates of destruction: counts by clause, how, and from when it is beyond recovery. Prints on one sheet."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from compliance import selectors
from compliance.actions.certificate import digest_of
from compliance.admin import history
from compliance.admin.filters import FromDayFilter, OwnServiceFilter, ToDayFilter
from compliance.admin.labels import status
from compliance.admin.readonly import ReadOnlyPage
from compliance.models import Certificate

METHODS = {"key_destroyed": _("The data keys were destroyed and the rows deleted.")}


class From(FromDayFilter):
    """Destroyed not before."""

    column = "destroyed_at"


class To(ToDayFilter):
    """Destroyed not after."""

    column = "destroyed_at"


@admin.register(Certificate)
class CertificateAdmin(ReadOnlyPage):
    """One per person who left and one per run."""

    menu_section, menu_label, menu_order = "retention", _("Certificates"), 50
    view_permission, service_path = "certificates.view", "service"
    change_list_template = "admin/records/dated_list.html"
    change_form_template = "admin/records/certificate.html"
    list_display = ("number", "service", "kind", "records", "clauses", "destroyed_at", "final")
    list_display_links = ("number",)
    list_select_related = ("service",)
    list_filter = ("kind", OwnServiceFilter, ("final_at", admin.EmptyFieldListFilter), From, To)
    quick_views = (
        (_("All"), ""),
        (_("Not final yet"), "final_at__isempty=1"),
        (_("Final"), "final_at__isempty=0"),
    )
    fields = (
        "number",
        "service",
        "kind",
        "destroyed_at",
        "how",
        "final",
        "key_epoch",
        "entry",
        "digest",
        "run_ref",
        "subject_key",
    )
    readonly_fields = ("number", "how", "final", "key_epoch", "entry", "digest")
    ordering = ("-destroyed_at", "-pk")
    show_history = False
    empty_message = _(
        "Nothing has been destroyed yet. A certificate is written whenever something is."
    )

    @admin.display(description=_("certificate"))
    def number(self, row: Certificate) -> str:
        """Its number."""
        return f"#{row.pk}"

    @admin.display(description=_("records"))
    def records(self, row: Certificate) -> int:
        """How many records it certifies."""
        return sum(line["records"] for line in row.counts)

    @admin.display(description=_("clauses"))
    def clauses(self, row: Certificate) -> str:
        """The clauses it rests on."""
        return ", ".join(sorted({line["clause"] for line in row.counts if line["clause"]})) or "–"

    @admin.display(description=_("final"))
    def final(self, row: Certificate) -> SafeString:
        """Whether an old backup could still undo it, and until when."""
        if row.final_at:
            day = date_format(row.final_at, "DATE_FORMAT")
            return status("good", _now("Final since %(day)s") % {"day": day})
        if row.final_on:
            day = date_format(row.final_on, "DATE_FORMAT")
            return status("wait", _now("Final on %(day)s") % {"day": day})
        return status("risk", _now("Not final: the key is in the environment"))

    @admin.display(description=_("how"))
    def how(self, row: Certificate) -> Any:
        """The method in words."""
        return METHODS.get(row.method, row.method)

    @admin.display(description=_("key epoch"))
    def key_epoch(self, row: Certificate) -> str:
        """Old backups are readable until this epoch is forgotten."""
        if row.final_at:
            said = _now("%(number)d; its key was erased, so no old backup can be opened")
        elif row.final_on:
            said = _now("%(number)d; old backups are readable until it is forgotten")
        else:
            said = _now(
                "%(number)d; its key stands in KEK_HEX and cannot be erased from here, "
                "so old backups stay readable"
            )
        return said % {"number": row.epoch}

    @admin.display(description=_("ledger entry"))
    def entry(self, row: Certificate) -> str:
        """Where the ledger has it."""
        return f"#{row.ledger_entry_id}"

    @admin.display(description=_("digest"))
    def digest(self, row: Certificate) -> str:
        """What the sheet says as one SHA-256; the ledger has the same, also after a restore."""
        return digest_of(row)

    def object_status(self, obj: Certificate) -> SafeString:
        """Whether it is final."""
        return self.final(obj)

    def object_summary(self, request: HttpRequest, obj: Certificate) -> Any:
        """How much, of which service, when."""
        return _now("%(n)d records of %(service)s, destroyed on %(day)s") % {
            "n": self.records(obj),
            "service": obj.service.name,
            "day": date_format(obj.destroyed_at, "DATE_FORMAT"),
        }

    def page_parts(self, request: HttpRequest, obj: Certificate) -> dict[str, Any]:
        """Counts by clause with the names of their rules, and what the ledger says."""
        version = selectors.policy_in_force(obj.service)
        rules = selectors.policy_values(version).retention_by_code if version else {}
        lines = [
            line | {"title": rules[line["rule"]].label if line["rule"] in rules else line["class"]}
            for line in obj.counts
        ]
        return {
            "lines": sorted(lines, key=lambda line: (line["clause"], line["title"])),
            "total": self.records(obj),
            "timeline": history.entries_about(obj.run_ref) if obj.run_ref else None,
        }
