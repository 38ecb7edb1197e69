"""Ways to a recorded case: from a person's page, and from a case to its confirmation."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from compliance.roles import may
from members.admin.people_list import policy_of
from members.models import CaseFlag, DataSubject
from members.rules.case_flag import flaggable


def link_to_propose(request: HttpRequest, person: DataSubject) -> list[tuple[Any, str]]:
    """Record a case, where the policy has a rule for flagged cases and the officer may."""
    policy = policy_of(person.service)
    allowed = may(request.user, "holds.manage", person.service)  # type: ignore[arg-type]
    if not allowed or policy is None or not flaggable(policy, person.kind):
        return []
    url = reverse("admin:members_caseflag_propose", args=[person.pk])
    return [(_("Record a case"), url)]


def link_to_confirm(request: HttpRequest, flag: CaseFlag) -> list[tuple[Any, str]]:
    """Confirm or turn down, for a second officer."""
    waits = flag.confirmed_at is None and flag.ended_at is None
    own = flag.proposed_by_id == request.user.pk
    allowed = may(request.user, "retention.approve", flag.service)  # type: ignore[arg-type]
    if not waits or own or not allowed:
        return []
    url = reverse("admin:members_caseflag_confirm", args=[flag.pk])
    return [(_("Confirm or turn down"), url)]
