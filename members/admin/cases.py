"""Ways to a recorded case or a refusal of service: from a person's page, and from a case to its confirmation."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from compliance.roles import may
from members.admin.people_list import policy_of
from members.models import CaseFlag, DataSubject
from members.rules.case_flag import flaggable
from members.rules.identity_check import item_for
from members.rules.service_block import items_for


def link_to_propose(request: HttpRequest, person: DataSubject) -> list[tuple[Any, str]]:
    """Record a case, refuse service, check a document: where the policy knows of it and the officer may."""
    policy = policy_of(person.service)
    allowed = may(request.user, "holds.manage", person.service)  # type: ignore[arg-type]
    if not allowed or policy is None:
        return []
    known = (
        (flaggable(policy, person.kind), _("Record a case"), "caseflag_propose"),
        (items_for(policy, person.kind), _("Refuse service"), "serviceblock_place"),
        (item_for(policy, person.kind), _("Check a document"), "identitycheck_take_in"),
    )
    return [
        (words, reverse(f"admin:members_{name}", args=[person.pk]))
        for is_known, words, name in known
        if is_known
    ]


def link_to_confirm(request: HttpRequest, flag: CaseFlag) -> list[tuple[Any, str]]:
    """Confirm or turn down, for a second officer."""
    waits = flag.confirmed_at is None and flag.ended_at is None
    own = flag.proposed_by_id == request.user.pk
    allowed = may(request.user, "retention.approve", flag.service)  # type: ignore[arg-type]
    if not waits or own or not allowed:
        return []
    url = reverse("admin:members_caseflag_confirm", args=[flag.pk])
    return [(_("Confirm or turn down"), url)]
