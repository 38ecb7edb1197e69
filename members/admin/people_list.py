"""Lists of people: one page of pseudonyms, with masked values opened in one batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from compliance import selectors
from compliance.admin.changelist import OfficeChangeList
from compliance.rules.policy_values import Policy
from members import gate
from members.admin.search import found_ids
from members.contacts import INTERFACE_LANGUAGES
from members.models import Answer, ConsentState, DataSubject, RightsRequest

NAME_ITEMS = (
    "name",
    "business_representative_name",
    "contact_person_name",
    "receiver_name",
    "nickname",
)
EMAIL_ITEMS = ("email", "receiver_email")
ITEMS = (*NAME_ITEMS, *EMAIL_ITEMS, "login_id")
OPEN_STATES = (RightsRequest.State.OPEN, RightsRequest.State.WAITING)
LANGUAGES = {"en": _("English"), "ko": _("Korean"), "id": _("Indonesian")}


@dataclass(frozen=True)
class Shown:
    """What a row shows beside the columns of the person: masked texts and counts."""

    name: str = ""
    email: str = ""
    agreed: int = 0
    optional: int = 0
    open_requests: int = 0


class PeopleChangeList(OfficeChangeList):
    """One page of people, each with `shown`."""

    def get_results(self, request: HttpRequest) -> None:
        """Read the page, then what it shows beside, in a constant number of queries."""
        super().get_results(request)
        beside = shown(self.result_list)
        for person in self.result_list:
            person.shown = beside[person.pk]


def shown(people: Sequence[DataSubject]) -> dict[int, Shown]:
    """Masked names and addresses, answers and open requests of some people, by primary key."""
    if not people:
        return {}
    texts = gate.masked_page(people, ITEMS)
    optional = {
        service.pk: optional_purposes(policy_of(service)) for service in {p.service for p in people}
    }
    agreed = _agreed(people)
    waiting = _open_requests(people)
    return {
        person.pk: Shown(
            name=_first(texts.get(person.pk, {}), NAME_ITEMS),
            email=_first(texts.get(person.pk, {}), EMAIL_ITEMS),
            agreed=len(agreed.get(person.pk, set()) & optional[person.service_id]),
            optional=len(optional[person.service_id]),
            open_requests=waiting.get(person.pk, 0),
        )
        for person in people
    }


def policy_of(service: Any) -> Policy | None:
    """The policy in force of a service, None while there is none."""
    version = selectors.policy_in_force(service)
    return selectors.policy_values(version) if version else None


def optional_purposes(policy: Policy | None) -> frozenset[str]:
    """Purposes that a person answers one by one."""
    if policy is None:
        return frozenset()
    return frozenset(row.code for row in policy.purposes if row.separate_consent)


def _first(texts: dict[str, Any], items: Sequence[str]) -> str:
    return next((str(texts[item]) for item in items if texts.get(item)), "")


def _agreed(people: Sequence[DataSubject]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    states = ConsentState.objects.filter(subject__in=people, answer=Answer.AGREED)
    for pk, purpose in states.values_list("subject_id", "purpose"):
        found.setdefault(pk, set()).add(purpose)
    return found


def _open_requests(people: Sequence[DataSubject]) -> dict[int, int]:
    rows = RightsRequest.objects.filter(subject__in=people, state__in=OPEN_STATES)
    return dict(rows.values_list("subject_id").annotate(n=Count("pk")).order_by())


class FoundFilter(admin.SimpleListFilter):
    """What an exact search found: ids that the session keeps under a random token."""

    title = _("search")
    parameter_name = "found"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The one search that is shown."""
        return [(token, _("people found"))] if (token := request.GET.get("found")) else []

    def has_output(self) -> bool:
        """Only while a search is shown."""
        return self.value() is not None

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """The people found; an old or foreign token finds nobody."""
        if self.value() is None:
            return queryset
        return queryset.filter(pk__in=found_ids(request, str(self.value()), now=timezone.now()))


class LanguageFilter(admin.SimpleListFilter):
    """The language a person reads."""

    title = _("language")
    parameter_name = "language"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The languages of the house, and all others together."""
        return [*LANGUAGES.items(), ("other", _("Another language"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """People who read it."""
        if self.value() == "other":
            return queryset.exclude(language__in=INTERFACE_LANGUAGES)
        return queryset.filter(language=self.value()) if self.value() else queryset


class LastUsedFilter(admin.SimpleListFilter):
    """How long ago a person was here."""

    title = _("last used")
    parameter_name = "used"
    SPANS = {"30": 30, "180": 180, "335": 335}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Three spans."""
        return [
            ("30", _("In the last 30 days")),
            ("180", _("Not for 6 months")),
            ("335", _("Not for 11 months")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """People used within the span, or not since."""
        days = self.SPANS.get(str(self.value()))
        if days is None:
            return queryset
        moment = timezone.now() - timedelta(days=days)
        return (
            queryset.filter(last_used_at__gte=moment)
            if days == 30
            else queryset.filter(last_used_at__lt=moment)
        )
