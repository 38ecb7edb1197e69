"""What the session of a signed-in person remembers, and how long it may live.

30 minutes without a page end it, 12 hours end it in any case. Every request reads the state of the
person: a withdrawal or a disabled account ends all sessions of that person at the same moment, and
leaving deletes their rows, which are found by their owner. The session holds the opaque number of the
person and moments, nothing else.
"""

from datetime import UTC, datetime, timedelta

from django.contrib.auth import login, logout, update_session_auth_hash
from django.http import HttpRequest

from compliance.auth.session_store import OWNER
from compliance.models import Account
from members.auth import is_welcome
from members.models import DataSubject

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
FRESH = timedelta(minutes=10)
BACKEND = "members.auth.MemberBackend"

_SUBJECT, _STARTED, _SEEN, _PROVED = "subject", "subject_started", "subject_seen", "subject_proved"
_TOKEN, _NEXT, _LEFT, _KIND = "code_token", "code_next", "left_reference", "left_kind"


def sign_in(request: HttpRequest, subject: DataSubject, *, now: datetime) -> None:
    """Begin a session under a new key; what an earlier session held is gone."""
    request.session.flush()
    if subject.account is not None:
        login(request, subject.account, backend=BACKEND)
    else:
        request.session.cycle_key()
    moment = int(now.timestamp())
    request.session.update(
        {
            OWNER: subject.public_id,
            _SUBJECT: subject.public_id,
            _STARTED: moment,
            _SEEN: moment,
            _PROVED: moment,
        }
    )


def sign_out(request: HttpRequest) -> None:
    """End the session; its key is worth nothing from now on."""
    logout(request)


def subject_of(request: HttpRequest, *, now: datetime) -> DataSubject | None:
    """The person signed in with this request, or None; ends a session whose time or person is gone."""
    public_id = request.session.get(_SUBJECT)
    if public_id is None:
        return None
    subject = (
        DataSubject.objects.select_related("account", "service").filter(public_id=public_id).first()
    )
    if subject is None or not is_welcome(subject) or not _touch(request, now):
        logout(request)
        request.session_ended = True  # type: ignore[attr-defined]
        return None
    return subject


def confirm(request: HttpRequest, *, now: datetime) -> None:
    """Note that the signed-in person has proved again to be the one."""
    request.session.cycle_key()
    request.session[_PROVED] = int(now.timestamp())


def renew(request: HttpRequest, account: Account) -> None:
    """Go on under a new key after the password of the account was changed in this session."""
    update_session_auth_hash(request, account)


def key_of(request: HttpRequest) -> str:
    """Return the key of this session, which alone goes on when all others are ended."""
    return request.session.session_key or ""


def is_fresh(request: HttpRequest, *, now: datetime) -> bool:
    """Whether the person proved to be the one within the last 10 minutes (asked before acts that last)."""
    return _since(request.session.get(_PROVED, 0), now) < FRESH


def await_code(request: HttpRequest, token: str, *, then: str = "") -> None:
    """Remember which attempt this browser made, and what follows a right code."""
    request.session[_TOKEN], request.session[_NEXT] = token, then


def awaited(request: HttpRequest) -> tuple[str, str]:
    """The attempt of this browser and what follows it; two empty strings if there is none."""
    return request.session.get(_TOKEN, ""), request.session.get(_NEXT, "")


def leave(request: HttpRequest, reference: str, *, kind: str) -> None:
    """End the sign-in after a withdrawal, keeping only its reference and the kind of person for the last page.

    The key stays: it opens nothing any more, and the second half of a double click still arrives
    at the same page. Saved at once: from here on it is nobody's, and not among the sessions that end.
    """
    for name in list(request.session.keys()):
        del request.session[name]
    request.session[_LEFT], request.session[_KIND] = reference, kind
    request.session.save()


def left(request: HttpRequest) -> tuple[str, str]:
    """Reference and kind of person of the withdrawal made in this browser, or two empty strings."""
    return str(request.session.get(_LEFT, "")), str(request.session.get(_KIND, ""))


def _touch(request: HttpRequest, now: datetime) -> bool:
    session = request.session
    seen = _since(session.get(_SEEN, 0), now)
    if seen >= IDLE or _since(session.get(_STARTED, 0), now) >= ABSOLUTE:
        return False
    if seen >= timedelta(minutes=1):
        session[_SEEN] = int(now.timestamp())
    return True


def _since(moment: int, now: datetime) -> timedelta:
    return now - datetime.fromtimestamp(moment, tz=UTC)
