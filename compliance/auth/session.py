"""What the session of a signed-in officer remembers, and how long it may live.

30 minutes without a page end it, 8 hours end it in any case. The session key changes at
sign-in and again with the second factor.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest

from compliance.models import Account

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=8)
WARNING = timedelta(minutes=2)
BACKEND = "compliance.auth.backends.StaffBackend"

_STARTED, _SEEN, VERIFIED = "office_started_at", "office_seen_at", "office_second_factor_at"


def start(request: HttpRequest, account: Account, *, now: datetime) -> None:
    """Sign in after the password: a fresh session that has yet to pass the second factor."""
    request.session.flush()
    login(request, account, backend=BACKEND)
    request.session[_STARTED] = request.session[_SEEN] = int(now.timestamp())


def verified(request: HttpRequest, *, now: datetime) -> None:
    """The second factor was right: the session may see the office, under a new key."""
    request.session.cycle_key()
    request.session[VERIFIED] = int(now.timestamp())


def is_verified(request: HttpRequest) -> bool:
    """Whether the second factor was passed in this session; the demo asks for none."""
    return settings.DEMO or VERIFIED in request.session


def touch(request: HttpRequest, *, now: datetime) -> bool:
    """Keep the session of an officer alive, or end it when its time is over; says whether alive."""
    moment = int(now.timestamp())
    started = request.session.setdefault(_STARTED, moment)
    seen = request.session.setdefault(_SEEN, moment)
    if moment - started >= ABSOLUTE.total_seconds() or moment - seen >= IDLE.total_seconds():
        logout(request)
        return False
    if moment - seen >= 60:
        request.session[_SEEN] = moment
    return True
