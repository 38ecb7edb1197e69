"""Brakes on guessing: 5 failures, then 15 minutes, doubling to 24 hours; 50 an hour per address."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from compliance.auth import throttle
from compliance.models import LoginThrottle

pytestmark = pytest.mark.django_db(databases="__all__")
MINUTES = timedelta(minutes=1)


def keys(email: str = "a@office.example", address: str = "192.0.2.1", *, known: bool = True) -> Any:
    return throttle.sign_in_keys(email, address, known_device=known)


def fail(times: int, now: Any, **who: Any) -> None:
    for _attempt in range(times):
        throttle.failed(keys(**who), now=now)


def test_four_failures_block_nobody_the_fifth_blocks_a_quarter_of_an_hour(now: Any) -> None:
    fail(4, now)
    assert throttle.blocked_until(keys(), now=now) is None
    fail(1, now)
    assert throttle.blocked_until(keys(), now=now) == now + 15 * MINUTES
    assert throttle.blocked_until(keys(), now=now + 15 * MINUTES) is None


def test_each_failure_after_a_block_doubles_it_up_to_a_day(now: Any) -> None:
    fail(5, now)
    for minutes in (30, 60, 120, 240, 480, 960, 1440, 1440):
        now = throttle.blocked_until(keys(), now=now)
        fail(1, now)
        assert throttle.blocked_until(keys(), now=now) == now + minutes * MINUTES


def test_another_address_and_another_account_are_not_blocked(now: Any) -> None:
    fail(5, now)
    assert throttle.blocked_until(keys(address="192.0.2.2"), now=now) is None
    assert throttle.blocked_until(keys(email="b@office.example"), now=now) is None


def test_capitals_and_spaces_make_no_new_account(now: Any) -> None:
    fail(5, now)
    assert throttle.blocked_until(keys(email=" A@OFFICE.example"), now=now) is not None


def test_fifty_failures_an_hour_block_the_address(now: Any) -> None:
    for number in range(50):
        fail(1, now, email=f"{number}@office.example")
    assert throttle.blocked_until(keys(email="new@office.example"), now=now) == now + 60 * MINUTES


def test_failures_of_an_address_are_forgotten_after_an_hour(now: Any) -> None:
    for number in range(49):
        fail(1, now, email=f"{number}@office.example")
    fail(1, now + 61 * MINUTES, email="x@office.example")
    assert throttle.blocked_until(keys(email="y@office.example"), now=now + 61 * MINUTES) is None


def test_many_addresses_slow_an_account_down_but_its_known_device_gets_in(now: Any) -> None:
    for number in range(100):
        fail(1, now, address=f"198.51.100.{number}", known=False)
    stranger = keys(address="203.0.113.9", known=False)
    own_device = keys(address="203.0.113.9", known=True)
    assert throttle.blocked_until(stranger, now=now) is not None
    assert throttle.blocked_until(own_device, now=now) is None


def test_success_forgets_the_account_but_not_the_address(now: Any) -> None:
    fail(4, now)
    throttle.succeeded(keys())
    assert set(LoginThrottle.objects.values_list("kind", flat=True)) == {"ip"}


def test_the_table_names_nobody(now: Any) -> None:
    fail(1, now, known=False)
    kept = str(list(LoginThrottle.objects.values()))
    assert "office.example" not in kept and "192.0.2.1" not in kept


def test_old_rows_are_forgotten(now: Any) -> None:
    fail(5, now)
    assert throttle.forget_old(now=now + timedelta(days=1)) == 0
    assert throttle.forget_old(now=now + timedelta(days=3)) == 2
