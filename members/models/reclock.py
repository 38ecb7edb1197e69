"""How far the clocks of records follow a version of the policy that has taken effect."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify


class Reclock(models.Model):
    """One row per version that replaced another one; the place where work goes on after a stop.

    ``page`` names what was begun in the archive and not counted yet: ``{"last": id, "counts": [...]}``, for
    digests, which are one page, without ``last``.
    """

    class State(models.TextChoices):
        LIVE = "live", _("Records of people who are here")
        APART = "apart", _("Records kept apart")
        HELD = "held", _("Digests against rejoining")
        DONE = "done", _("Done")

    version = models.OneToOneField(
        "compliance.PolicyVersion",
        on_delete=models.PROTECT,
        related_name="reclock",
        verbose_name=_("version"),
    )
    state = models.CharField(_("state"), max_length=5, choices=State.choices, default=State.LIVE)
    cursor = models.UUIDField(null=True)  # Last record looked at; null at the start of a part.
    page = models.JSONField(default=dict)
    counts = models.JSONField(_("counts"), default=list)
    began_at = models.DateTimeField(_("began"))
    finished_at = models.DateTimeField(_("finished"), null=True)  # Null until done.

    FIELD_CLASSES = classify(pseudonym="cursor page", none="state counts")

    class Meta:
        verbose_name = _("recomputing of last days")
        verbose_name_plural = _("recomputings of last days")

    def __str__(self) -> str:
        return f"Reclock #{self.pk}"
