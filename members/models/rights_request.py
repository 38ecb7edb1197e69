"""What a person asked for, by which channel, until when, what was written about it, and what came of it."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify


class RightsRequest(models.Model):
    """A request of a data subject; its due moment comes from the policy's own figure."""

    class Kind(models.TextChoices):
        ACCESS = "access", _("See the data")
        TRANSACTION_ACCESS = "transaction_access", _("See transactions")
        RECTIFICATION = "rectification", _("Correct")
        ERASURE = "erasure", _("Erase")
        RESTRICTION = "restriction", _("Stop using")
        OBJECTION = "objection", _("Object")
        CONSENT_WITHDRAWAL = "consent_withdrawal", _("Withdraw consent")
        MEMBERSHIP_WITHDRAWAL = "membership_withdrawal", _("Withdraw membership")
        ENQUIRY = "enquiry", _("Enquiry")
        COMPLAINT = "complaint", _("Complaint")

    class Channel(models.TextChoices):
        WEB = "web", _("Web page")
        EMAIL = "email", _("E-mail")
        PHONE = "phone", _("Telephone")
        FAX = "fax", _("Fax")
        WRITING = "writing", _("Writing")
        SYSTEM = "system", _("End of separate storage")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        WAITING = "waiting", _("Waiting for the person")
        DONE = "done", _("Done")
        REFUSED = "refused", _("Refused")

    class MadeBy(models.TextChoices):
        PERSON = "person", _("The person")
        REPRESENTATIVE = "representative", _("A legal representative")

    class Identity(models.TextChoices):
        UNCHECKED = "", _("Not checked yet")
        SIGNED_IN = "signed_in", _("Signed in, or order number and code")
        KNOWN_ADDRESS = "known_address", _("Written from the address we hold")
        CALLED_BACK = "called_back", _("Called back on the number we hold")
        DOCUMENT = "document", _("Document seen, nothing of it kept")

    reference = models.CharField(_("reference"), max_length=16, unique=True)
    subject = models.ForeignKey(
        "members.DataSubject", null=True, on_delete=models.SET_NULL, related_name="requests"
    )  # Null once the person's stub is gone.
    service = models.ForeignKey("compliance.Service", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=24, choices=Kind.choices)
    channel = models.CharField(_("channel"), max_length=8, choices=Channel.choices)
    language = models.CharField(_("language"), max_length=8, blank=True)  # Empty: the person's own.
    made_by = models.CharField(
        _("made by"), max_length=16, choices=MadeBy.choices, default=MadeBy.PERSON
    )
    identity = models.CharField(
        _("identity"), max_length=16, choices=Identity.choices, blank=True, default=""
    )
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.OPEN)
    received_at = models.DateTimeField(_("received"))
    due_at = models.DateTimeField(_("due"), null=True)  # Null where the policy gives no figure.
    extended_to = models.DateTimeField(_("extended to"), null=True)  # Null while the figure holds.
    extension_reason = models.CharField(_("reason for extending"), max_length=40, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True)  # Null until an answer has left.
    closed_at = models.DateTimeField(_("closed"), null=True)  # Null while open.
    clause = models.CharField(_("clause"), max_length=40, blank=True)
    items = models.JSONField(_("items"), default=list)
    outcome = models.JSONField(_("outcome"), default=dict)
    refusal_reason = models.CharField(_("reason for refusing"), max_length=40, blank=True)
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )  # Null while nobody has taken it.

    FIELD_CLASSES = classify(
        pseudonym="reference",
        none="kind channel language made_by identity state clause items outcome refusal_reason "
        "extension_reason",
    )

    class Meta:
        verbose_name = _("request")
        verbose_name_plural = _("requests")
        indexes = [models.Index(fields=["service", "state", "due_at"])]

    def __str__(self) -> str:
        return f"{self.reference} ({self.get_kind_display()})"


class RequestMessage(models.Model):
    """One text of a request, sealed under a key of its own (in the keyring, under the same id)."""

    class Role(models.TextChoices):
        BODY = "body", _("What was asked")
        CONTACT = "contact", _("How to reach the person")
        COMMENT = "comment", _("Comment of the person")
        QUESTION = "question", _("Question to the person")
        ANSWER = "answer", _("Answer")
        NOTE = "note", _("Note of the office")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request = models.ForeignKey(RightsRequest, on_delete=models.CASCADE, related_name="messages")
    role = models.CharField(_("kind"), max_length=8, choices=Role.choices)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )  # Null: the person, not the office.
    written_at = models.DateTimeField(_("written"))
    sealed = models.BinaryField()

    FIELD_CLASSES = classify(personal="sealed", pseudonym="id", none="role")

    class Meta:
        verbose_name = _("message of a request")
        verbose_name_plural = _("messages of requests")
        indexes = [models.Index(fields=["request", "written_at"], name="request_message_order")]

    def __str__(self) -> str:
        return f"Message {self.id.hex[:8]} ({self.role})"


class Restriction(models.Model):
    """A processing hold on some or all items of a person; it bites everywhere from the second it is saved."""

    class Ground(models.TextChoices):
        DISPUTE = "open_dispute", _("Accuracy disputed")
        LEGAL_REQUEST = "legal_request", _("Request of an authority")
        UNPAID_CLAIM = "unpaid_claim", _("Unpaid claim")
        OBJECTION = "objection", _("Objection")
        CONTRACT = "contract_of_use_running", _("Contract of use running")
        ILLEGAL_USE = "illegal_use", _("Illegal use found")

    subject = models.ForeignKey(
        "members.DataSubject", on_delete=models.CASCADE, related_name="restrictions"
    )
    ground = models.CharField(_("ground"), max_length=24, choices=Ground.choices)
    items = models.JSONField(_("items"), default=list)  # Empty: everything.
    blocks_use = models.BooleanField(_("stops use"), default=True)
    blocks_destruction = models.BooleanField(_("postpones destruction"), default=True)
    began_at = models.DateTimeField(_("since"))
    ended_at = models.DateTimeField(_("ended"), null=True)  # Null while it holds.
    review_on = models.DateField(_("review on"), null=True)  # Null where nothing is to be reviewed.
    request = models.ForeignKey(
        RightsRequest, null=True, on_delete=models.SET_NULL, related_name="restrictions"
    )

    FIELD_CLASSES = classify(none="ground items")

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        indexes = [
            models.Index(
                fields=["subject"], condition=models.Q(ended_at=None), name="restriction_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_ground_display()} #{self.pk}"
