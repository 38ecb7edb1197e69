"""Who else is given data, and what runs in a visitor's browser."""

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


class PolicyRecipient(PolicyRow):
    """Who may be given which items for what."""

    version = of_version("recipients")
    code = code_field(_("code"))
    name = short_field(_("name"))
    kind = code_field(_("kind"))
    named = flag_field(_("named in the policy"))
    items = texts_field(_("items"))
    purposes = texts_field(_("purposes"))
    subjects = texts_field(_("kinds of person"))
    basis = code_field(_("legal ground"))
    separate_consent = flag_field(_("needs a choice of its own"))
    contract_required = flag_field(_("needs an agreement"))
    posted_list = flag_field(_("on the published list first"))
    country = models.CharField(_("country"), max_length=2, blank=True)
    period = duration_field(_("period at the recipient"))
    trigger = code_field(_("counted from"), blank=True)
    stated = stated_field()
    clause = clause_field()
    obligations = obligations_field()
    note = prose_field(_("note"))

    FIELD_CLASSES = classify(
        none="code name kind items purposes subjects basis country period trigger clause obligations "
        "note"
    )

    class Meta(PolicyRow.Meta):
        verbose_name = _("recipient")
        verbose_name_plural = _("recipients")
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="policyrecipient_code_once")
        ]

    def __str__(self) -> str:
        return self.code


class PolicyCookie(PolicyRow):
    """One cookie or tracker."""

    version = of_version("cookies")
    code = code_field(_("code"))
    name = short_field(_("name"))
    provider = code_field(_("provider"))
    kind = code_field(_("kind"))
    technology = code_field(_("technology"))
    purposes = texts_field(_("purposes"))
    subjects = texts_field(_("kinds of person"))
    lifetime = code_field(_("lifetime"))
    strictly_needed = flag_field(_("strictly needed"))
    consent = code_field(_("consent"))
    refusal = code_field(_("how to refuse"))
    refusal_effect = prose_field(_("what refusing changes"))
    recipient = code_field(_("recipient"), blank=True)
    policy_link_required = flag_field(_("needs a link to their policy"))
    stated = stated_field()
    clause = clause_field()
    obligations = obligations_field()
    note = prose_field(_("note"))

    FIELD_CLASSES = classify(
        none="code name provider kind technology purposes subjects lifetime consent refusal "
        "refusal_effect recipient clause obligations note"
    )

    class Meta(PolicyRow.Meta):
        verbose_name = _("cookie")
        verbose_name_plural = _("cookies")
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="policycookie_code_once")
        ]

    def __str__(self) -> str:
        return self.code
