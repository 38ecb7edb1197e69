"""Staff sign in with their office e-mail and a password."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from compliance.models import Account


class StaffBackend(BaseBackend):
    """Finds active staff by e-mail. It knows no permissions: roles.py alone decides."""

    def authenticate(
        self,
        request: HttpRequest | None,
        email: str | None = None,
        password: str | None = None,
        **credentials: Any,
    ) -> Account | None:
        """The account, or None. An unknown address costs as much time as a wrong password."""
        if email is None or password is None:
            return None
        account = Account.objects.filter(email=email.strip().lower(), is_staff=True).first()
        if account is None:
            make_password(password)
            return None
        if account.check_password(password) and account.is_active:
            return account
        return None

    def get_user(self, user_id: int) -> Account | None:
        """The account of a session; a disabled one is signed out by this at its next request."""
        return Account.objects.filter(pk=user_id, is_staff=True, is_active=True).first()
