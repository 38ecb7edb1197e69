"""How people are told, reached and answered."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify
from compliance.models.policy_fields import (
    CODE,
    clause_field,
    code_field,
    duration_field,
    flag_field,
    obligations_field,
    prose_field,
    short_field,
    stated_field,
    texts_field,
)
from compliance.models.policy_row import PolicyRow, of_version


class PolicyContact(PolicyRow):
    """One published way to reach the operator."""

    version = of_version("contacts")
    code = code_field(_("code"))
    channel = code_field(_("channel"))
    value = short_field(_("address or number"), blank=True)
    label = short_field(_("name"))
    stated = stated_field()
    hours_from = models.CharField(_("from"), max_length=5, blank=True)
    hours_to = models.CharField(_("to"), max_length=5, blank=True)
    hours_days = texts_field(_("days"))
    hours_timezone = models.CharField(_("time zone of the hours"), max_length=CODE, blank=True)
    answer_within = duration_field(_("answer within"))
    answer_kind = code_field(_("kind of answer time"), blank=True)
    topics = texts_field(_("topics"))
    clause = clause_field()
    obligations = obligations_field()

    FIELD_CLASSES = classify(
        none="code channel value label hours_from hours_to hours_days hours_timezone answer_within answer_kind topics "
        "clause obligations"
    )

    class Meta(PolicyRow.Meta):
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="policycontact_code_once")
        ]

    def __str__(self) -> str:
        return self.code


class PolicyNoticeRule(PolicyRow):
    """How long before an event, and where, people are told."""

    version = of_version("notice_rules")
    code = code_field(_("code"))
    event = code_field(_("event"))
    lead = duration_field(_("how long before"))
    duration = duration_field(_("how long displayed"))
    more_than = flag_field(_("has to be exceeded"))
    places = texts_field(_("public places"))
    individual = flag_field(_("each person gets one"))
    individual_channels = texts_field(_("individual channels"))
    fallback = code_field(_("fallback notice"), blank=True)
    stated = stated_field()
    clause = clause_field()
    obligations = obligations_field()
    interpretations = texts_field(_("readings"))

    FIELD_CLASSES = classify(
        none="code event lead duration places individual_channels fallback clause obligations "
        "interpretations"
    )

    class Meta(PolicyRow.Meta):
        verbose_name = _("notice rule")
        verbose_name_plural = _("notice rules")
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="policynoticerule_code_once")
        ]

    def __str__(self) -> str:
        return self.code


class PolicyMarketing(PolicyRow):
    """What a marketing channel needs before it is used."""

    version = of_version("marketing_rules")
    channel = code_field(_("channel"))
    consent = code_field(_("consent"))
    at_signup = flag_field(_("asked when joining"))
    purposes = texts_field(_("purposes"))
    subjects = texts_field(_("kinds of person"))
    exception = code_field(_("exception"), blank=True)
    period = duration_field(_("period"))
    period_stated = models.BooleanField(
        _("period stated in the policy"), null=True, blank=True
    )  # Null: not said.
    stated = stated_field()
    clause = clause_field()
    obligations = obligations_field()
    note = prose_field(_("note"))

    FIELD_CLASSES = classify(
        none="channel consent purposes subjects exception period clause obligations note"
    )

    class Meta(PolicyRow.Meta):
        verbose_name = _("marketing rule")
        verbose_name_plural = _("marketing rules")

    def __str__(self) -> str:
        return self.channel


class PolicyRight(PolicyRow):
    """A right: where to exercise it, how soon it is answered, what follows."""

    version = of_version("rights")
    right = code_field(_("right"))
    channels = texts_field(_("channels"))
    deadline = duration_field(_("time limit"))
    deadline_words = short_field(_("words of the policy"), blank=True)
    deadline_basis = code_field(_("ground of the time limit"))
    stated = stated_field()
    representative = flag_field(_("a legal representative may do it"))
    effects = texts_field(_("what follows"))
    clause = clause_field()
    obligations = obligations_field()

    FIELD_CLASSES = classify(
        none="right channels deadline deadline_words deadline_basis effects clause obligations"
    )

    class Meta(PolicyRow.Meta):
        verbose_name = _("right")
        verbose_name_plural = _("rights")

    def __str__(self) -> str:
        return self.right
