"""The archive as a Django app with a database of its own."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ArchiveConfig(AppConfig):
    """Label and database ``archive``."""

    name = "members.archive"
    label = "archive"
    verbose_name = _("Archive")
