"""The clauses of a policy, the checks their promises are bound to, and its gaps."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify
from compliance.models.policy_fields import (
    CODE,
    code_field,
    flag_field,
    obligations_field,
    prose_field,
    short_field,
    texts_field,
)
from compliance.models.policy_row import PolicyRow, of_version


class PolicyClause(PolicyRow):
    """One clause with the promises it makes and the readings chosen."""

    version = of_version("clauses")
    ident = models.CharField(_("id"), max_length=120)
    clause = models.CharField(_("number"), max_length=CODE)
    title = short_field(_("title"))
    text = prose_field(_("text in our words"), blank=False)
    obligations = obligations_field()
    interpretations = texts_field(_("readings"))

    FIELD_CLASSES = classify(none="ident clause title text obligations interpretations")

    class Meta(PolicyRow.Meta):
        verbose_name = _("clause")
        verbose_name_plural = _("clauses")
        constraints = [
            models.UniqueConstraint(fields=["version", "ident"], name="policyclause_ident_once")
        ]

    def __str__(self) -> str:
        return self.ident


class PolicyPromise(PolicyRow):
    """Binds one promise to a generic check with parameters."""

    version = of_version("promises")
    obligation = models.CharField(_("promise"), max_length=CODE)
    check_kind = code_field(_("check"))
    params = models.JSONField(_("parameters"), default=dict, blank=True)
    note = prose_field(_("note"))

    FIELD_CLASSES = classify(none="obligation check_kind params note")

    class Meta(PolicyRow.Meta):
        verbose_name = _("binding of a promise")
        verbose_name_plural = _("bindings of promises")

    def __str__(self) -> str:
        return self.obligation


class PolicyFinding(PolicyRow):
    """A gap of the text; a blocking one keeps its service in set-up until it is settled."""

    version = of_version("findings")
    code = code_field(_("code"))
    text = prose_field(_("text"), blank=False)
    interpretations = texts_field(_("readings"))
    blocks_live = flag_field(_("blocks going live"))

    FIELD_CLASSES = classify(none="code text interpretations")

    class Meta(PolicyRow.Meta):
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="policyfinding_code_once")
        ]

    def __str__(self) -> str:
        return self.code


class FindingSettlement(models.Model):
    """How a finding was settled; the finding itself stays as the version froze it."""

    finding = models.OneToOneField(
        PolicyFinding,
        on_delete=models.CASCADE,
        related_name="settlement",
        verbose_name=_("finding"),
    )
    text = prose_field(_("how it was settled"), blank=False)
    is_sample = flag_field(_("sample for the demo"))
    settled_at = models.DateTimeField(_("settled at"))
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # Null: the system.

    FIELD_CLASSES = classify(none="text")

    class Meta:
        verbose_name = _("settled finding")
        verbose_name_plural = _("settled findings")

    def __str__(self) -> str:
        return str(self.finding)
