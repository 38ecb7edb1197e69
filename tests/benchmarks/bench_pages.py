"""Every page that a member can open, among many members: server time through the whole application."""

import statistics
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from math import ceil
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connections
from django.test import Client
from django.utils import timezone

from compliance.models import Account, LoginThrottle, Notice, Service
from members.models import DataSubject
from tests.benchmarks import crowd
from tests.benchmarks.bench_lists import _queries
from tests.benchmarks.watch import Watch
from tests.tools import cast, routes, visits

ROUNDS = 40
PASSWORD = "a kettle sings at noon"


def run(members: int) -> dict[str, Any]:
    """``by_page``: median, 95th percentile and that of CPU alone in milliseconds over 40 rounds, and the queries.

    Every page that answers 200 to a member is there; ``p95_ms`` is that of the slowest. ``sign_in_ms`` is a sign-in
    with a password (one Argon2 hash), ``told_apart_ms`` by how much the medians of 200 wrong tries for somebody and
    for nobody differ, half each in turn. ``ratio``: the median page against ``/livez``.
    """
    service = crowd.members(members)
    Service.objects.filter(pk=service.pk).update(state="live", went_live_at=crowd.JOINED)
    for alias in ("default", "keyring"):
        with connections[alias].cursor() as cursor:
            cursor.execute("ANALYZE")
    person = _visitor(members)
    client = Client()
    _sign_in(client, members)
    asked = _addresses(service, person)
    pages = {
        name: Timed(lambda url=url: client.get(url))
        for name, url in asked.items()
        if client.get(url).status_code == 200
    }
    idle = Timed(lambda: client.get("/livez"))
    slowest = max(pages, key=lambda name: pages[name].p95_ms)
    return {
        "units": ROUNDS * len(pages),
        "seconds": sum(page.seconds for page in pages.values()),
        "ratio": statistics.median(page.p50_ms for page in pages.values()) / idle.p50_ms,
        "pages": len(pages),
        "slowest": slowest,
        "p95_ms": pages[slowest].p95_ms,
        "cpu_p95_ms": max(page.cpu_p95_ms for page in pages.values()),
        **_signing_in(members),
        "by_page": {
            name: [
                round(page.p50_ms, 1),
                round(page.p95_ms, 1),
                round(page.cpu_p95_ms, 1),
                _queries(lambda url=asked[name]: client.get(url)),
            ]
            for name, page in pages.items()
        },
    }


class Timed:
    """Times of many rounds of the same request in milliseconds: wall, and computing of this process alone."""

    def __init__(self, ask: Callable[[], Any], rounds: int = ROUNDS) -> None:
        ask()
        watches = [Watch() for _ in range(rounds)]
        for watch in watches:
            with watch:
                ask()
        self.seconds = sum(watch.seconds for watch in watches)
        self.p50_ms = statistics.median(watch.seconds for watch in watches) * 1000
        self.p95_ms = _p95(watch.seconds for watch in watches) * 1000
        self.cpu_p95_ms = _p95(watch.cpu_seconds for watch in watches) * 1000


def _p95(times: Iterable[float]) -> float:
    ordered = sorted(times)
    return ordered[ceil(len(ordered) * 0.95) - 1]


def _visitor(members: int) -> DataSubject:
    """One member out of the middle, with an account, a password, 30 orders and one of everything."""
    person = DataSubject.objects.order_by("pk")[members // 2]
    person.account = Account.objects.create_member()
    Account.objects.filter(pk=person.account.pk).update(password=make_password(PASSWORD))
    person.save(update_fields=["account"])
    visits.many_orders(person, 30)
    return person


def _addresses(service: Service, person: DataSubject) -> dict[str, str]:
    notice, _ = Notice.objects.get_or_create(
        service=service,
        version=cast.version(service),
        event="policy_revision_important",
        defaults={
            "effective_on": datetime(2027, 1, 1, tzinfo=UTC).date(),
            "published_at": timezone.now(),
            "places": ["first_page", "homepage_notice"],
        },
    )
    found = routes.addresses(service.slug, routes.own(person, now=timezone.now()))
    return found | {"notice": visits.at("notice", service, notice.pk)}


def _sign_in(client: Client, members: int, raw: str = PASSWORD, name: str = "") -> Any:
    identifier = name or f"person-{members // 2}"
    form = {"identifier": identifier, "password": raw, "way": "password"}
    return client.post(visits.at("sign_in"), form)


def _signing_in(members: int) -> dict[str, float]:
    """Every try comes from an address of its own, so that no brake gets in the way."""
    numbers = iter(range(1, 10_000))

    def ask(status: int, raw: str, name: str = "") -> None:
        number = next(numbers)
        browser = Client(REMOTE_ADDR=f"10.0.{number // 250}.{number % 250}")
        LoginThrottle.objects.all().delete()
        with tries[name]:
            answer = _sign_in(browser, members, raw, name)
        assert answer.status_code == status, answer.status_code

    somebody, nobody = f"person-{members // 2 + 1}", "nobody"
    tries = {name: Tries() for name in ("", somebody, nobody)}
    for _ in range(15):
        ask(302, PASSWORD)
    for number in range(200):
        ask(200, "wrong", (somebody, nobody)[number % 2])
    difference = tries[somebody].median_ms() - tries[nobody].median_ms()
    return {"sign_in_ms": tries[""].median_ms(), "told_apart_ms": abs(difference)}


class Tries(Watch):
    """A watch that keeps every block apart."""

    def __init__(self) -> None:
        super().__init__()
        self._all: list[float] = []

    def __exit__(self, *error: object) -> None:
        before = self.seconds
        super().__exit__(*error)
        self._all.append(self.seconds - before)

    def median_ms(self) -> float:
        return statistics.median(self._all) * 1000
