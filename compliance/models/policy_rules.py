"""How long data are kept, how they are destroyed, and what protects them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify
from compliance.models.policy_fields import (
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


class PolicyRetentionRule(PolicyRow):
    """How long the items of one record class are kept; without a period it must not run."""

    version = of_version("retention_rules")
    code = code_field(_("code"))
    record_class = code_field(_("record class"))
    label = short_field(_("name"))
    items = texts_field(_("items"))
    identity_items = texts_field(_("items that may travel along"))
    subjects = texts_field(_("kinds of person"))
    period = duration_field(_("period"))
    trigger = code_field(_("counted from"))
    rule = code_field(_("rule"))
    basis = code_field(_("ground"))
    law = short_field(_("law"), blank=True)
    storage = code_field(_("storage"))
    action = code_field(_("what happens then"))
    stated = stated_field()
    mandatory = flag_field(_("a deletion request does not end it"))
    blocked_by = texts_field(_("postponed by"))
    allowed_purposes = texts_field(_("only uses while held"))
    clause = clause_field()
    obligations = obligations_field()
    interpretations = texts_field(_("readings"))
    note = prose_field(_("note"))

    FIELD_CLASSES = classify(
        none="code record_class label items identity_items subjects period trigger rule basis law "
        "storage action blocked_by allowed_purposes clause obligations interpretations note"
    )

    class Meta(PolicyRow.Meta):
        verbose_name = _("retention rule")
        verbose_name_plural = _("retention rules")
        constraints = [
            models.UniqueConstraint(
                fields=["version", "code"], name="policyretentionrule_code_once"
            )
        ]

    def __str__(self) -> str:
        return self.code


class PolicyDestruction(PolicyRow):
    """By which methods a medium is destroyed."""

    version = of_version("destruction_rules")
    medium = code_field(_("medium"))
    methods = texts_field(_("methods"))
    stated = stated_field()
    deadline = duration_field(_("time limit"))
    deadline_basis = code_field(_("ground of the time limit"))
    obligations = obligations_field()
    note = prose_field(_("note"))

    FIELD_CLASSES = classify(none="medium methods deadline deadline_basis obligations note")

    class Meta(PolicyRow.Meta):
        verbose_name = _("way of destruction")
        verbose_name_plural = _("ways of destruction")

    def __str__(self) -> str:
        return self.medium


class PolicyRole(PolicyRow):
    """What a group of staff may see."""

    version = of_version("staff_roles")
    code = code_field(_("code"))
    label = short_field(_("name"))
    areas = texts_field(_("areas"))
    consenting_only = flag_field(_("only people who agreed to marketing"))
    stated = stated_field()
    clause = clause_field()
    obligations = obligations_field()

    FIELD_CLASSES = classify(none="code label areas clause obligations")

    class Meta(PolicyRow.Meta):
        verbose_name = _("staff group")
        verbose_name_plural = _("staff groups")
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="policyrole_code_once")
        ]

    def __str__(self) -> str:
        return self.code


class PolicyControl(PolicyRow):
    """A protection measure that a person attests."""

    version = of_version("controls")
    code = code_field(_("code"))
    label = short_field(_("name"))
    kind = code_field(_("kind"))
    interval = duration_field(_("interval"))
    interval_stated = models.BooleanField(
        _("interval stated in the policy"), null=True, blank=True
    )  # Null: not said.
    stated = stated_field()
    clause = clause_field()
    obligations = obligations_field()

    FIELD_CLASSES = classify(none="code label kind interval clause obligations")

    class Meta(PolicyRow.Meta):
        verbose_name = _("protection measure")
        verbose_name_plural = _("protection measures")
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="policycontrol_code_once")
        ]

    def __str__(self) -> str:
        return self.code
