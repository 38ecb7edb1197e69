"""Checking the chain of the ledger on demand: the number of entries checked, or the first bad one."""

from __future__ import annotations

from django.contrib.admin import site
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from compliance import ledger
from compliance.admin.menu import Page, register_page

REASONS = {
    "sequence": _("A number is missing or out of order."),
    "prev_hash": _("An entry does not follow from the one before it."),
    "hash": _("An entry was altered."),
    "malformed": _("An entry is damaged."),
    "batch": _("The items of an entry do not fit it."),
    "head": _("The end of the chain is not what it was."),
}


def verify(request: HttpRequest) -> HttpResponse:
    """GET offers the check; POST runs it and shows what it found. Nothing is written."""
    context = site.each_context(request) | {"title": _("Check the audit trail"), "result": None}
    if request.method == "POST":
        result = ledger.verify()
        reason = REASONS.get(result.reason, result.reason) if not result.ok else ""
        context |= {"result": result, "reason": reason, "checked_at": timezone.now()}
    return render(request, "admin/records/verify.html", context)


register_page(
    Page(
        route="check-ledger/",
        view=verify,
        name="verify_ledger",
        permission="ledger.view",
        label=_("Check the audit trail"),
    )
)
