"""What all rows of a policy version share: their version, their place, and that they freeze with it."""

from collections.abc import Iterable
from typing import Any, Generic, TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.models.policy_version import PolicyVersion, VersionFrozen

Row = TypeVar("Row", bound="PolicyRow")


class PolicyRowQuerySet(models.QuerySet[Row], Generic[Row]):
    """Rows of policy versions; those of a frozen version cannot be changed through here."""

    def update(self, **values: Any) -> int:
        """Change rows of drafts; ``VersionFrozen`` when one belongs to an approved version."""
        self._refuse_frozen()
        return super().update(**values)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Remove rows of drafts; ``VersionFrozen`` when one belongs to an approved version."""
        self._refuse_frozen()
        return super().delete()

    def bulk_create(self, objs: Iterable[Row], *args: Any, **kwargs: Any) -> list[Row]:
        """Add rows to drafts; ``VersionFrozen`` when one would join an approved version."""
        rows = list(objs)
        if PolicyVersion.objects.filter(pk__in={row.version_id for row in rows}).frozen().exists():
            raise VersionFrozen
        return super().bulk_create(rows, *args, **kwargs)

    def _refuse_frozen(self) -> None:
        if self.filter(version__state__in=PolicyVersion.FROZEN).exists():
            raise VersionFrozen


def of_version(related_name: str) -> models.ForeignKey:
    """The version that a row belongs to; the version reaches its rows by ``related_name``."""
    return models.ForeignKey(
        PolicyVersion,
        on_delete=models.CASCADE,
        related_name=related_name,
        verbose_name=_("policy version"),
    )


class PolicyRow(models.Model):
    """One row of one table of a policy version, at its place in the file; each table adds ``version``."""

    position = models.PositiveIntegerField(_("place"), default=0)

    objects = PolicyRowQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["position"]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the row; ``VersionFrozen`` when its version, old or new, is approved."""
        self._refuse_frozen()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Remove the row; ``VersionFrozen`` when its version is approved."""
        self._refuse_frozen()
        return super().delete(*args, **kwargs)

    def _refuse_frozen(self) -> None:
        versions = {self.version_id}
        if self.pk and not self._state.adding:
            versions.update(type(self).objects.filter(pk=self.pk).values_list("version", flat=True))
        if PolicyVersion.objects.filter(pk__in=versions).frozen().exists():
            raise VersionFrozen
