"""Sign-in of staff through the pages: password, second step, sessions, answers that tell nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from compliance.actions import account as account_actions
from compliance.auth import totp
from compliance.models import Account, LedgerEntry
from tests.compliance.auth.test_totp import code_at
from tests.tools import office

pytestmark = pytest.mark.django_db(databases="__all__")
MONDAY = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@pytest.fixture
def account() -> Account:
    return office.officer("officer", office.service(), name="mina", password=office.PASSWORD)


@pytest.fixture
def enrolled(account: Account) -> tuple[Account, str, list[str]]:
    secret = totp.begin(account)
    earlier = MONDAY - timedelta(days=1)
    codes = account_actions.enrol_second_factor(account, code_at(secret, earlier), now=earlier)
    return account, secret, codes or []


def give_password(client: Client, email: str, password: str = office.PASSWORD, **more: Any) -> Any:
    return client.post(reverse("admin:login"), {"email": email, "password": password, **more})


def body(answer: Any) -> str:
    """The page without what differs by chance or was typed."""
    return re.sub(r'value="[^"]*"', "", answer.content.decode())


def test_the_first_sign_in_has_to_set_up_the_second_step(account: Account) -> None:
    with time_machine.travel(MONDAY, tick=False):
        client = Client()
        give_password(client, str(account.email))
        answer = client.get(reverse("admin:index"))
        assert answer["Location"].startswith(reverse("admin:enrol"))
        assert b"<svg" in client.get(reverse("admin:enrol")).content
        secret = totp.begin(Account.objects.get(pk=account.pk))
        answer = client.post(reverse("admin:enrol"), {"code": code_at(secret, MONDAY)})
        assert len(re.findall(r"(?:[a-z2-7]{4}-){3}[a-z2-7]{4}", answer.content.decode())) == 10
        assert client.get(reverse("admin:index")).status_code == 200


def test_every_page_of_the_office_waits_for_the_second_step(enrolled: Any) -> None:
    account, _secret, _codes = enrolled
    client = Client()
    give_password(client, str(account.email))
    for name in ("index", "preferences", "password_change", "compliance_ledgerentry_changelist"):
        answer = client.get(reverse(f"admin:{name}"))
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("admin:verify"))


def test_a_code_opens_the_office_under_a_new_session_key(enrolled: Any) -> None:
    account, secret, _codes = enrolled
    with time_machine.travel(MONDAY, tick=False):
        client = Client()
        before = client.session.session_key
        give_password(client, str(account.email))
        half = client.session.session_key
        client.post(reverse("admin:verify"), {"code": code_at(secret, MONDAY)})
        assert len({before, half, client.session.session_key}) == 3
        assert client.get(reverse("admin:index")).status_code == 200
        assert LedgerEntry.objects.filter(code="compliance.account.signed_in").count() == 1


def test_the_same_code_does_not_open_a_second_session(enrolled: Any) -> None:
    account, secret, _codes = enrolled
    with time_machine.travel(MONDAY, tick=False):
        for expected in (302, 200):
            client = Client()
            give_password(client, str(account.email))
            answer = client.post(reverse("admin:verify"), {"code": code_at(secret, MONDAY)})
            assert answer.status_code == expected


def test_five_wrong_codes_block_even_the_right_one(enrolled: Any) -> None:
    account, secret, _codes = enrolled
    with time_machine.travel(MONDAY, tick=False):
        client = Client()
        give_password(client, str(account.email))
        wrong = f"{(int(code_at(secret, MONDAY)) + 7) % 1_000_000:06d}"
        for code in [wrong] * 5 + [code_at(secret, MONDAY)]:
            answer = client.post(reverse("admin:verify"), {"code": code})
            assert answer.status_code == 200


def test_all_failures_read_alike(account: Account) -> None:
    closed = office.officer("handler", name="closed", password=office.PASSWORD)
    Account.objects.filter(pk=closed.pk).update(is_active=False)
    wrong = give_password(Client(), str(account.email), "wrong")
    unknown = give_password(Client(), "nobody@office.example", "wrong")
    disabled = give_password(Client(), str(closed.email))
    for _attempt in range(5):
        blocked = give_password(Client(), str(account.email), "wrong")
    right_but_blocked = give_password(Client(), str(account.email))
    answers = [wrong, unknown, disabled, blocked, right_but_blocked]
    assert {answer.status_code for answer in answers} == {200}
    assert len({body(answer) for answer in answers}) == 1
    assert not any(answer.cookies.get("session") for answer in answers)


def test_members_cannot_sign_in_here() -> None:
    member = Account.objects.create_member()
    member.set_password(office.PASSWORD)
    member.save()
    answer = give_password(Client(), "x@office.example")
    assert answer.status_code == 200


@pytest.mark.parametrize("minutes", [30, 31])
def test_thirty_idle_minutes_end_the_session(account: Account, minutes: int) -> None:
    with time_machine.travel(MONDAY, tick=False) as clock:
        client = office.sign_in(account)
        assert client.get(reverse("admin:index")).status_code == 200
        clock.shift(timedelta(minutes=minutes))
        assert client.get(reverse("admin:index")).status_code == 302


def test_eight_hours_end_even_a_busy_session(account: Account) -> None:
    with time_machine.travel(MONDAY, tick=False) as clock:
        client = office.sign_in(account)
        for _turn in range(24):
            assert client.post(reverse("admin:keep_alive")).status_code == 204
            clock.shift(timedelta(minutes=20))
        assert client.post(reverse("admin:keep_alive")).status_code == 302


def test_a_session_is_dead_after_signing_out_or_disabling(account: Account) -> None:
    client = office.sign_in(account)
    stolen = Client()
    stolen.cookies = client.cookies.copy()
    client.post(reverse("admin:logout"))
    assert stolen.get(reverse("admin:index")).status_code == 302
    client = office.sign_in(account)
    Account.objects.filter(pk=account.pk).update(is_active=False)
    assert client.get(reverse("admin:index")).status_code == 302


def test_a_new_password_ends_other_sessions(account: Account) -> None:
    here, elsewhere = office.sign_in(account), office.sign_in(account)
    new = "another long enough password"
    form = {"old_password": office.PASSWORD, "new_password1": new, "new_password2": new}
    assert here.post(reverse("admin:password_change"), form).status_code == 302
    assert here.get(reverse("admin:index")).status_code == 200
    assert elsewhere.get(reverse("admin:index")).status_code == 302
    assert Account.objects.get(pk=account.pk).password_changed_at is not None


def test_the_page_after_signing_in_is_never_somebody_elses(account: Account, settings: Any) -> None:
    settings.DEMO = True
    for wanted in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
        answer = give_password(Client(), str(account.email), next=wanted)
        assert answer["Location"] == reverse("admin:index")
    wanted = reverse("admin:preferences")
    assert give_password(Client(), str(account.email), next=wanted)["Location"] == wanted


def test_the_demo_asks_for_no_second_step(account: Account, settings: Any) -> None:
    settings.DEMO = True
    client = Client()
    give_password(client, str(account.email))
    assert client.get(reverse("admin:index")).status_code == 200


def test_a_reset_second_step_has_to_be_set_up_anew(enrolled: Any, now: Any) -> None:
    account, _secret, codes = enrolled
    account_actions.reset_second_factor(account, actor=None, now=now)
    client = Client()
    give_password(client, str(account.email))
    assert client.get(reverse("admin:index"))["Location"].startswith(reverse("admin:enrol"))
    assert client.post(reverse("admin:verify"), {"code": codes[0]})["Location"] == reverse(
        "admin:enrol"
    )


def test_preferences_change_language_and_zone(account: Account) -> None:
    client = office.sign_in(account)
    form = {"language": "ko", "time_zone": "Asia/Seoul"}
    assert client.post(reverse("admin:preferences"), form).status_code == 302
    assert 'lang="ko"' in client.get(reverse("admin:index")).content.decode()
