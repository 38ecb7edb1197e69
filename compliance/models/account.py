"""Sign-in of staff and members; the table holds no data of a data subject."""

import secrets
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify


def random_username() -> str:
    """Return an opaque sign-in key of 128 random bits."""
    return secrets.token_hex(16)


class AccountManager(BaseUserManager["Account"]):
    """Creates staff by e-mail address and members by nothing but a random key."""

    def create_member(self, **fields: Any) -> "Account":
        """Create an account that can only be reached through the blind index."""
        account = self.model(is_staff=False, **fields)
        account.set_unusable_password()
        account.save(using=self._db)
        return account

    def create_staff(self, email: str, password: str | None, **fields: Any) -> "Account":
        """Create a staff account; ``email`` is an office address, kept in clear."""
        account = self.model(email=self.normalize_email(email).lower(), is_staff=True, **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account

    def get_by_natural_key(self, username: str) -> "Account":
        """Return the account of an opaque sign-in key."""
        return self.get(username=username)


class Account(AbstractBaseUser, PermissionsMixin):
    """Someone who can sign in. ``email`` and ``full_name`` are filled for staff only."""

    username = models.CharField(max_length=32, unique=True, default=random_username, editable=False)
    email = models.EmailField(_("office e-mail"), null=True, blank=True, unique=True)
    full_name = models.CharField(_("name"), max_length=120, blank=True)
    is_staff = models.BooleanField(_("staff"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    language = models.CharField(_("language"), max_length=8, default="en")
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    totp_sealed = models.BinaryField(null=True, editable=False)  # Null until enrolled.
    totp_confirmed_at = models.DateTimeField(null=True, editable=False)
    totp_last_step = models.BigIntegerField(default=0, editable=False)
    recovery_codes = models.JSONField(default=list, editable=False)
    password_changed_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    FIELD_CLASSES = classify(
        pseudonym="username",
        none="email full_name language time_zone totp_sealed recovery_codes password",
    )

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []
    objects = AccountManager()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_staff=True) | models.Q(email__isnull=True, full_name=""),
                name="account_of_member_is_nameless",
            )
        ]

    def __str__(self) -> str:
        return (
            self.full_name if self.is_staff and self.full_name else f"Account {self.username[:8]}"
        )
