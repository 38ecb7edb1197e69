"""A person as the house knows one: an opaque id and a state, nothing else."""

import secrets

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify

MEMBER_KINDS = ("member", "business", "payee")
PURCHASER_KINDS = ("nonmember", "receiver")


def new_public_id() -> str:
    """Return an opaque id of 128 random bits in hexadecimal."""
    return secrets.token_hex(16)


class DataSubjectQuerySet(models.QuerySet["DataSubject"]):
    """People by what may be done with them."""

    def reachable(self) -> "DataSubjectQuerySet":
        """People whose data is in daily use: neither leaving nor apart."""
        return self.filter(status__in=(DataSubject.Status.ACTIVE, DataSubject.Status.RESTRICTED))


class DataSubject(models.Model):
    """Opaque id, service, kind and status. No name and no address: those are in records."""

    class Kind(models.TextChoices):
        MEMBER = "member", _("Member")
        BUSINESS = "business", _("Business purchaser")
        NONMEMBER = "nonmember", _("Purchaser without account")
        RECEIVER = "receiver", _("Receiver")
        PAYEE = "payee", _("Payee")

    class Status(models.TextChoices):
        JOINING = "joining", _("Joining")
        ACTIVE = "active", _("Active")
        RESTRICTED = "restricted", _("Processing restricted")
        LEAVING = "leaving", _("Leaving")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        DORMANT = "dormant", _("Dormant, kept apart")

    public_id = models.CharField(_("number"), max_length=32, default=new_public_id, editable=False)
    service = models.ForeignKey(
        "compliance.Service",
        on_delete=models.PROTECT,
        db_index=False,  # Two composite indexes begin with it.
        related_name="subjects",
        verbose_name=_("service"),
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    status = models.CharField(
        _("status"), max_length=12, choices=Status.choices, default=Status.ACTIVE
    )
    language = models.CharField(_("language"), max_length=8)
    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="subject"
    )  # Null for everybody who cannot sign in.
    agreed_version = models.ForeignKey(
        "compliance.PolicyVersion",
        null=True,
        on_delete=models.PROTECT,
        db_index=False,
        related_name="+",
    )  # Null for people who never agreed to anything, such as receivers.
    put_off_version = models.ForeignKey(
        "compliance.PolicyVersion",
        null=True,
        on_delete=models.PROTECT,
        db_index=False,
        related_name="+",
    )  # The version whose questions the person left for later; null for none.
    source = models.CharField(_("source"), max_length=40)
    joined_at = models.DateTimeField(_("joined"))
    last_used_at = models.DateTimeField(_("last used"))
    left_at = models.DateTimeField(_("left"), null=True)  # Null while the person is here.

    FIELD_CLASSES = classify(pseudonym="public_id", none="kind status language source")
    objects = DataSubjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        indexes = [
            models.Index(fields=["service", "status", "id"]),
            models.Index(fields=["service", "-joined_at", "-id"]),
            models.Index(fields=["service", "last_used_at", "id"], name="subject_last_used"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="one_person_a_number"),
            models.CheckConstraint(
                condition=models.Q(status__in=("leaving", "withdrawn")) | models.Q(left_at=None),
                name="only_leavers_have_left",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} p_{self.public_id[:8]}"


class MemberManager(models.Manager.from_queryset(DataSubjectQuerySet)):
    """People who joined."""

    def get_queryset(self) -> DataSubjectQuerySet:
        """Return members, business purchasers and payees."""
        return super().get_queryset().filter(kind__in=MEMBER_KINDS)


class PurchaserManager(models.Manager.from_queryset(DataSubjectQuerySet)):
    """People who bought or received without joining."""

    def get_queryset(self) -> DataSubjectQuerySet:
        """Return purchasers without account and receivers."""
        return super().get_queryset().filter(kind__in=PURCHASER_KINDS)


class Member(DataSubject):
    """A data subject with a membership."""

    objects = MemberManager()

    class Meta:
        proxy = True
        verbose_name = _("member")
        verbose_name_plural = _("members")


class Purchaser(DataSubject):
    """A data subject without a membership; same rights, same code."""

    objects = PurchaserManager()

    class Meta:
        proxy = True
        verbose_name = _("purchaser without account")
        verbose_name_plural = _("purchasers without account")
