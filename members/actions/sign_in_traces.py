"""What signing in leaves behind: codes, sessions and the account itself."""

from datetime import datetime

from compliance.actions import session
from compliance.auth.session_store import owner_of_account
from compliance.models import Account
from members.models import AccessCode, DataSubject


def destroy_codes(subject: DataSubject, now: datetime) -> int:
    """Destroy the codes of a person, used or not."""
    gone, _ = AccessCode.objects.filter(subject=subject).delete()
    return gone


def destroy_sessions(subject: DataSubject, now: datetime) -> int:
    """Destroy every session of a person; the account goes after them."""
    ended = session.end_all(subject.public_id)
    if subject.account_id:
        ended += session.end_all(owner_of_account(subject.account_id))
    return ended


def destroy_account(subject: DataSubject, now: datetime) -> int:
    """Destroy the account with its password hash."""
    account = subject.account_id
    if account is None:
        return 0
    DataSubject.objects.filter(pk=subject.pk).update(account=None)
    gone, _ = Account.objects.filter(pk=account, is_staff=False).delete()
    return gone
