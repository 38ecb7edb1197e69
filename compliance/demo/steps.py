"""What a demo needs before it can start, step by step; each step may be repeated."""

import io
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command

from compliance.demo import accounts, services
from compliance.demo.environment import demo_password
from compliance.restore import guard

Step = tuple[str, Callable[[], None]]
SEED = 7


def run(say: Callable[[str], None], *, members: int, now: datetime) -> None:
    """Take every step and say before each what it does, afterwards how long it took."""
    for number, (words, step) in enumerate(plan(members=members, now=now), start=1):
        say(f"  {number}. {words} ...")
        began = time.perf_counter()
        step()
        say(f"     done in {time.perf_counter() - began:.1f} s")


def plan(*, members: int, now: datetime) -> Iterator[Step]:
    """Yield the steps as ``(words, function)``."""
    yield "Words of three languages", lambda: _quietly("compile_translations")
    yield "Keys", lambda: _quietly("init_keys")
    for alias in settings.DATABASES:
        yield f"Database {alias}", _migration(alias)
    if guard.look():
        yield "Closed after a restore (see docs/restore.md); the data stays as it is", _nothing
        return
    yield "Privacy policies of five services", _load_presets
    yield "Accounts and services", lambda: _open_house(now)
    yield "Sample people", lambda: _seed(members)
    yield "Members who have not come for a year", _age
    yield "Members to sign in as (the code arrives at Mail sent)", _name_members


def _migration(alias: str) -> Callable[[], None]:
    return lambda: _quietly("migrate", database=alias, interactive=False, verbosity=0)


def _nothing() -> None:
    """The closed page and ``manage.py restore`` are all that is needed."""


def _load_presets() -> None:
    _quietly("load_policy", preset=["all"])


def _quietly(command: str, **options: Any) -> None:
    call_command(command, stdout=io.StringIO(), **options)


def _open_house(now: datetime) -> None:
    accounts.ensure(demo_password(settings.VAR_DIR), now=now)
    services.open_all(now=now)


def _seed(members: int) -> None:
    """Make sample people in an empty house; people that are there stay as they are."""
    if not apps.get_model("members", "DataSubject").objects.exists():
        call_command("seed_demo", members=members, seed=SEED)


def _age() -> None:
    _quietly("sample_dormancy", seed=SEED)


def _name_members() -> None:
    call_command("sample_sign_ins")
