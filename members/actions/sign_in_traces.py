"""What signing in leaves behind: codes, sessions and the account itself."""

from datetime import datetime

from compliance.models import Account
from members.models import AccessCode, DataSubject


def destroy_codes(subject: DataSubject, now: datetime) -> int:
    """Destroy the codes of a person, used or not."""
    gone, _ = AccessCode.objects.filter(subject=subject).delete()
    return gone


def destroy_account(subject: DataSubject, now: datetime) -> int:
    """Destroy the account with its password hash; sessions of an account that is gone answer nobody."""
    account = subject.account_id
    if account is None:
        return 0
    DataSubject.objects.filter(pk=subject.pk).update(account=None)
    gone, _ = Account.objects.filter(pk=account, is_staff=False).delete()
    return gone
