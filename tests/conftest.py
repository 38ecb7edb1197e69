"""Fixtures of every test: closed sockets, a fixed moment, keys, and a mail server that tells all."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.utils import translation

from tests.tools import network, servers
from tests.tools.smtp_sink import Sink

network.close()


def pytest_report_header() -> str:
    return f"servers: {servers.describe(os.environ)}"


@pytest.fixture(scope="session", autouse=True)
def _clean_up_lifts_triggers() -> Iterator[None]:
    from tests.tools.flush import lifting_triggers

    with lifting_triggers():
        yield


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Every test begins in English, whatever language the one before it read in."""
    translation.deactivate()
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def keys_of_the_run() -> Iterator[None]:
    """Every test finds the keys that the first one found: rolls of tests erase theirs."""
    from django.conf import settings

    folder = Path(settings.KEK_DIR)
    before = {file: file.read_bytes() for file in folder.glob("*.key")}
    yield
    for file in folder.glob("*.key"):
        if file not in before:
            file.unlink()
    for file, key in before.items():
        if not file.exists() or file.read_bytes() != key:
            file.unlink(missing_ok=True)
            file.write_bytes(key)
            file.chmod(0o400)


@pytest.fixture(autouse=True)
def tail_of_its_own(settings, monkeypatch) -> None:
    """Every test has a tail of its own, made when it is first written; child processes write to the same."""
    folder = Path(settings.VAR_DIR) / "tail" / os.urandom(8).hex()
    settings.TAIL_DIR = folder
    for name in ("TAIL_DIR", "TEST_TAIL_DIR"):
        monkeypatch.setenv(name, str(folder))


@pytest.fixture(autouse=True)
def house_is_open(monkeypatch) -> None:
    """No test looks for a restore of its databases by the way; those of the guard ask for ``guarded``."""
    from compliance.restore import guard

    monkeypatch.setattr(guard, "_seen", guard._Seen(float("inf"), ()))


@pytest.fixture
def guarded(house_is_open, monkeypatch) -> None:
    """The restore guard looks as it does in a process that has just started."""
    from compliance.restore import guard

    monkeypatch.setattr(guard, "_seen", guard._Seen())


@pytest.fixture
def now() -> datetime:
    """A Monday noon in Seoul."""
    return datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@pytest.fixture
def kek_dir(tmp_path: Path, settings) -> Path:
    """A folder with one fresh key-encryption key, in place of the one of the run."""
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o700)
    file = folder / "epoch-0001.key"
    file.write_bytes(os.urandom(32))
    file.chmod(0o400)
    settings.KEK_DIR = folder
    return folder


@pytest.fixture
def smtp_sink(tmp_path: Path, settings) -> Iterator[Sink]:
    """A real mail server on the loopback that keeps whatever it accepts; the settings point at it."""
    with Sink.start(tmp_path / "sink.jsonl") as sink:
        settings.EMAIL_HOST, settings.EMAIL_PORT = sink.host, sink.port
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = False
        yield sink
