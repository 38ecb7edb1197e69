"""Who may sign in to a service as one of its people, found without any name in clear."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from compliance.models import Account, Service
from members import selectors
from members.models import MEMBER_KINDS, PURCHASER_KINDS, DataSubject


class MemberBackend(BaseBackend):
    """Gives a session its account. Members prove themselves by e-mailed code, so no password is taken."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        """Nobody: there is no password of a member to check."""
        return

    def get_user(self, user_id: int) -> Account | None:
        """The account of a session, never one of staff and never a disabled one."""
        return Account.objects.filter(pk=user_id, is_staff=False, is_active=True).first()


def find_member(service: Service, identifier: str) -> DataSubject | None:
    """The one member with this e-mail address or login ID, if the membership runs; dormant ones included.

    Both are always looked up. Somebody who also bought without an account is found all the same. An address goes
    before a login ID: it was proved, while a login ID is whatever somebody typed, perhaps the address of another.
    """
    by_email, by_login_id = (
        {
            one
            for one in (
                *selectors.find_subjects(service, field, identifier),
                *selectors.find_dormant(service, field, identifier),
            )
            if one.kind in MEMBER_KINDS and (is_welcome(one) or may_return(one))
        }
        for field in ("email", "login_id")
    )
    found = by_email or by_login_id
    return found.pop() if len(found) == 1 else None


def find_purchaser(service: Service, order_number: str, email: str) -> DataSubject | None:
    """The purchaser without account to whom both the order number and the e-mail address belong."""
    by_order = selectors.find_subjects(service, "order_number", order_number)
    by_email = selectors.find_subjects(service, "email", email)
    found = [
        one
        for one in by_order
        if one in by_email and one.kind in PURCHASER_KINDS and is_welcome(one)
    ]
    return found[0] if len(found) == 1 else None


def is_welcome(subject: DataSubject) -> bool:
    """Whether the person may see pages of an own: neither leaving nor apart, and not disabled."""
    here = subject.status in (DataSubject.Status.ACTIVE, DataSubject.Status.RESTRICTED)
    return here and _has_usable_account(subject)


def may_return(subject: DataSubject) -> bool:
    """Whether the person is dormant and may come back by signing in; until then no page of an own is shown."""
    return subject.status == DataSubject.Status.DORMANT and _has_usable_account(subject)


def _has_usable_account(subject: DataSubject) -> bool:
    account = subject.account
    return account is None or (account.is_active and not account.is_staff)
