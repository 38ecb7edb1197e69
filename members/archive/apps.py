"""The archive as a Django app with a database of its own."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ArchiveConfig(AppConfig):
    """Label and database ``archive``."""

    name = "members.archive"
    label = "archive"
    verbose_name = _("Archive")

    def ready(self) -> None:
        """Name where the mark of this database is."""
        from compliance import marks
        from members.archive.models import Mark

        marks.register("archive", Mark)
