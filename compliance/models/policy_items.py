"""What a policy collects, for what, and which uses it permits."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify
from compliance.models.policy_fields import (
    clause_field,
    code_field,
    flag_field,
    obligations_field,
    prose_field,
    short_field,
    stated_field,
    texts_field,
)
from compliance.models.policy_row import PolicyRow, of_version


class PolicyItem(PolicyRow):
    """One item of personal data."""

    version = of_version("items")
    code = code_field(_("code"))
    label = short_field(_("name"))
    label_local = short_field(_("name in the language of the policy"), blank=True)
    category = code_field(_("category"))
    auto = flag_field(_("arises by itself"))
    sensitive = flag_field(_("sensitive"))
    encrypt = flag_field(_("masked"))
    unused_reason = prose_field(_("why no use mentions it"))
    note = prose_field(_("note"))

    FIELD_CLASSES = classify(none="code label label_local category unused_reason note")

    class Meta(PolicyRow.Meta):
        verbose_name = _("item")
        verbose_name_plural = _("items")
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="policyitem_code_once")
        ]

    def __str__(self) -> str:
        return self.code


class PolicyItemSubject(PolicyRow):
    """For which kind of person an item is collected, how bindingly and when."""

    version = of_version("item_subjects")
    item = models.ForeignKey(
        PolicyItem, on_delete=models.CASCADE, related_name="subjects", verbose_name=_("item")
    )
    kind = code_field(_("kind of person"))
    requirement = code_field(_("how binding"))
    moment = code_field(_("moment"))
    clause = clause_field()

    FIELD_CLASSES = classify(none="kind requirement moment clause")

    class Meta(PolicyRow.Meta):
        verbose_name = _("person concerned")
        verbose_name_plural = _("persons concerned")

    def __str__(self) -> str:
        return self.kind


class PolicyPurpose(PolicyRow):
    """One purpose."""

    version = of_version("purposes")
    code = code_field(_("code"))
    label = short_field(_("name"))
    group = code_field(_("group"))
    basis = code_field(_("legal ground"))
    separate_consent = flag_field(_("needs a choice of its own"))
    clause = clause_field()
    heading = short_field(_("heading in the policy"), blank=True)
    items_stated = flag_field(_("the policy ties items to it"))
    note = prose_field(_("note"))

    FIELD_CLASSES = classify(none="code label group basis clause heading note")

    class Meta(PolicyRow.Meta):
        verbose_name = _("purpose")
        verbose_name_plural = _("purposes")
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="policypurpose_code_once")
        ]

    def __str__(self) -> str:
        return self.code


class PolicyUse(PolicyRow):
    """Permits every combination of its items, purposes and kinds of person."""

    version = of_version("uses")
    clause = clause_field()
    items = texts_field(_("items"))
    purposes = texts_field(_("purposes"))
    subjects = texts_field(_("kinds of person"))
    stated = stated_field()
    needs_consent = flag_field(_("only with consent"))
    note = prose_field(_("note"))

    FIELD_CLASSES = classify(none="clause items purposes subjects note")

    class Meta(PolicyRow.Meta):
        verbose_name = _("permitted use")
        verbose_name_plural = _("permitted uses")

    def __str__(self) -> str:
        return f"{self.clause} ({self.position})"


class PolicyCollectionMethod(PolicyRow):
    """One way in which information arrives."""

    version = of_version("collection_methods")
    code = code_field(_("code"))
    label = short_field(_("name"))
    stated = stated_field()
    clause = clause_field()
    obligations = obligations_field()

    FIELD_CLASSES = classify(none="code label clause obligations")

    class Meta(PolicyRow.Meta):
        verbose_name = _("way of collecting")
        verbose_name_plural = _("ways of collecting")
        constraints = [
            models.UniqueConstraint(
                fields=["version", "code"], name="policycollectionmethod_code_once"
            )
        ]

    def __str__(self) -> str:
        return self.code
