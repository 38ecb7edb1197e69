"""How many visitors answered what about a kind of cookie: numbers of a day, nobody behind them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify


class CookieCount(models.Model):
    """Answers of people who are not signed in; no address, no browser, no moment (X-ALL-11, LEJ-CK-2)."""

    version = models.ForeignKey(
        "compliance.PolicyVersion", on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(_("kind of cookie"), max_length=64)
    answer = models.CharField(_("answer"), max_length=4)
    day = models.DateField(_("day"))
    answers = models.PositiveIntegerField(_("answers"), default=0)

    FIELD_CLASSES = classify(none="kind answer")

    class Meta:
        verbose_name = _("count of cookie answers")
        verbose_name_plural = _("counts of cookie answers")
        constraints = [
            models.UniqueConstraint(
                fields=["version", "kind", "answer", "day"], name="one_count_per_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.answer} {self.day:%Y-%m-%d}: {self.answers}"
