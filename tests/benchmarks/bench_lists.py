"""The members' list of the office and its exact search, beside reading one page of rows by key."""

import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import DataSubject
from tests.benchmarks import crowd
from tests.tools import office

LIST, SEARCH = "admin:members_member_changelist", "admin:members_member_search"
ROUNDS = 15
PAGE = 50


def run(members: int) -> dict[str, Any]:
    """Medians of 15 rounds in milliseconds, and how many queries each asks of the three databases.

    ``ratio`` is the first page of 50 masked rows against reading 50 rows by key. The list must show a full page
    (or everybody), the search must lead to one person.
    """
    service = crowd.members(members)
    client = office.sign_in(office.officer("officer", service))
    wanted = {"value": f"person{members // 2}@mail.example"}
    person = client.post(reverse(SEARCH), wanted)["Location"]
    keys = list(DataSubject.objects.order_by("-pk").values_list("pk", flat=True)[:PAGE])
    asks: dict[str, Callable[[], Any]] = {
        "page": lambda: _page(client, reverse(LIST), keys),
        "search": lambda: client.post(reverse(SEARCH), wanted),
        "person": lambda: client.get(person),
    }
    found: dict[str, Any] = {}
    for name, ask in asks.items():
        found[f"{name}_ms"] = _median(ask) * 1000
        found[f"{name}_queries"] = _queries(ask)
    reference = _median(lambda: list(DataSubject.objects.filter(pk__in=keys)))
    seconds = found["page_ms"] / 1000
    return {"units": 1, "seconds": seconds, "ratio": seconds / reference, **found}


def _page(client: Client, address: str, keys: list[int]) -> None:
    answer = client.get(address)
    assert answer.content.count(b">p_") == len(keys), answer.status_code


def _median(ask: Callable[[], Any]) -> float:
    ask()
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        ask()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def _queries(ask: Callable[[], Any]) -> int:
    with ExitStack() as stack:
        seen = [stack.enter_context(CaptureQueriesContext(one)) for one in connections.all()]
        ask()
        return sum(len(queries) for queries in seen)
