"""What a browser remembers while somebody joins or acts for a child: opaque ids and moments, never an address."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.http import HttpRequest

CODE, PENDING, WAITING = "join_token", "join_pending", "join_waiting"
STRANGER_CODE, STRANGER_FOR, PROVED, PROVED_AT = (
    "represent_token",
    "represent_for",
    "represent_proved",
    "represent_proved_at",
)
ACTING = "acting_for_as"
FRESH = timedelta(minutes=30)


def await_code(request: HttpRequest, token: str, pending: UUID) -> None:
    """Remember which form and which code belong to this browser."""
    request.session[CODE], request.session[PENDING] = token, pending.hex


def token(request: HttpRequest) -> str:
    """Return the attempt to join of this browser, empty if there is none."""
    return str(request.session.get(CODE, ""))


def pending(request: HttpRequest) -> str:
    """Return the form of this browser as hex, empty if there is none."""
    return str(request.session.get(PENDING, ""))


def forget(request: HttpRequest) -> None:
    """Forget the attempt to join."""
    for name in (CODE, PENDING):
        request.session.pop(name, None)


def wait_for(request: HttpRequest, representative: UUID) -> None:
    """Remember that the child at this browser waits for a representative."""
    request.session[WAITING] = representative.hex


def waits_for(request: HttpRequest) -> str:
    """Return the representative that is waited for, as hex."""
    return str(request.session.get(WAITING, ""))


def await_representative(request: HttpRequest, code: str, ids: list[UUID]) -> None:
    """Remember which code a representative was sent, and for whom it opens."""
    request.session[STRANGER_CODE] = code
    request.session[STRANGER_FOR] = [one.hex for one in ids]


def representative_token(request: HttpRequest) -> str:
    """Return the attempt of a representative at this browser."""
    return str(request.session.get(STRANGER_CODE, ""))


def prove_representative(request: HttpRequest, *, now: datetime) -> None:
    """The code was right: whom it was sent for may be acted for, for half an hour, under a new key."""
    ids = request.session.get(STRANGER_FOR, [])
    request.session.cycle_key()
    request.session[PROVED], request.session[PROVED_AT] = ids, int(now.timestamp())
    for name in (STRANGER_CODE, STRANGER_FOR):
        request.session.pop(name, None)


def proved_for(request: HttpRequest, *, now: datetime) -> list[str]:
    """Return for whom somebody at this browser proved to be the representative, as hex."""
    since = datetime.fromtimestamp(request.session.get(PROVED_AT, 0), tz=UTC)
    return list(request.session.get(PROVED, [])) if now - since < FRESH else []


def act_as(request: HttpRequest, representative: UUID) -> None:
    """Note in a fresh session that a representative acts for the person signed in."""
    request.session[ACTING] = representative.hex


def acting_as(request: HttpRequest) -> str:
    """Return which representative acts in this session, empty if the person does."""
    return str(request.session.get(ACTING, ""))
