"""Sessions end with the person: all of an owner at once, wherever they are open."""

from compliance.models import Session


def end_all(owner: str, *, keep: str = "") -> int:
    """End every session of an owner, except the one with the key ``keep``; return how many ended.

    Example: ``end_all("account:7", keep=request.session.session_key)`` after a new password.
    """
    if not owner:
        return 0
    ended, _ = Session.objects.filter(owner=owner).exclude(session_key=keep).delete()
    return ended
