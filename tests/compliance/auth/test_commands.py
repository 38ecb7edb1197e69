"""The commands that make the first officers and that bring a locked-out one back."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from compliance.models import Account, LedgerEntry
from tests.tools import office

pytestmark = pytest.mark.django_db(databases="__all__")


def run(*words: str) -> str:
    out = io.StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def create(*more: str) -> str:
    who = ("--email", "mina@office.example", "--name", "Kim Mina")
    return run("create_officer", *who, *more)


def test_a_first_officer_gets_a_password_shown_once_and_an_appointment() -> None:
    office.service()
    printed = create("--service", "mikmik")
    account = Account.objects.get(email="mina@office.example")
    password = printed.split("shown only now: ")[1].split()[0]
    assert account.check_password(password)
    assert account.appointments.get().role == "chief_officer"
    codes = list(LedgerEntry.objects.order_by("seq").values_list("code", flat=True))
    assert codes == ["compliance.account.created", "compliance.officer.appointed"]


def test_the_command_may_be_repeated_and_then_adds_services_only() -> None:
    office.service()
    office.service("engoo", "ENG")
    create("--service", "mikmik")
    printed = create("--service", "mikmik", "--service", "engoo")
    assert "shown only now" not in printed
    assert Account.objects.get(email="mina@office.example").appointments.count() == 2


def test_a_password_can_come_from_standard_input(monkeypatch: Any) -> None:
    office.service()
    monkeypatch.setattr("sys.stdin", io.StringIO("a quiet river in winter\n"))
    create("--service", "mikmik", "--password-stdin")
    assert Account.objects.get().check_password("a quiet river in winter")


def test_a_weak_password_and_an_unknown_service_are_refused(monkeypatch: Any) -> None:
    office.service()
    monkeypatch.setattr("sys.stdin", io.StringIO("quiet rivers\n"))
    with pytest.raises(CommandError):
        create("--service", "mikmik", "--password-stdin")
    with pytest.raises(CommandError, match="mikmik"):
        create("--service", "nowhere")
    assert not Account.objects.exists()


def test_resetting_the_second_step_writes_the_ledger() -> None:
    account = office.officer("officer", name="mina")
    run("reset_totp", "--email", "mina@office.example")
    entry = LedgerEntry.objects.get(code="compliance.account.second_factor_reset")
    assert entry.data == {"account": account.username}
    with pytest.raises(CommandError):
        run("reset_totp", "--email", "nobody@office.example")
