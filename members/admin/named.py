"""Rows whose codes are said in words: each bears the policy of its service as ``policy``, and its ``service_name``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest

from compliance.admin.changelist import OfficeChangeList
from compliance.admin.readonly import ReadOnlyPage
from compliance.models import Service
from compliance.rules.policy_values import Policy
from members.admin.people_list import policy_of


class NamedChangeList(OfficeChangeList):
    """One page of rows with their policies: a query for each service on it, however many rows."""

    def get_results(self, request: HttpRequest) -> None:
        """Read the page, then its policies."""
        super().get_results(request)
        give_policies(self.model_admin, self.result_list)


class NamedPage(ReadOnlyPage):
    """A read-only page whose rows and objects bear their policy."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[OfficeChangeList]:
        """A page with policies beside."""
        return NamedChangeList

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """The object with its policy, or 404."""
        found = super().get_object(request, object_id, from_field)
        give_policies(self, [found])
        return found


def give_policies(page: ReadOnlyPage, rows: Iterable[Any]) -> None:
    """Set ``policy`` on rows, that in force at their service, None where there is none, and ``service_name``."""
    found: dict[Any, tuple[Policy | None, str]] = {}
    for row in rows:
        named = page.service_of(row)
        if named not in found:
            service = _service(named)
            found[named] = policy_of(service), service.name
        row.policy, row.service_name = found[named]


def _service(service: Service | str) -> Service:
    return service if isinstance(service, Service) else Service.objects.get(slug=service)
