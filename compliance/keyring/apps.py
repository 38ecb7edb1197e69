"""The keyring app: data keys, epochs and blind indexes in a database of their own."""

from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class KeyringConfig(AppConfig):
    """Everything that makes sealed data readable, and that dies first."""

    name = "compliance.keyring"
    label = "keyring"
    verbose_name = _("Keyring")

    def ready(self) -> None:
        """Register the start-up checks; touches no database."""
        from compliance import marks
        from compliance.keyring import checks as keyring_checks
        from compliance.keyring import duties
        from compliance.keyring.kek import after_migrate
        from compliance.keyring.models import Mark

        marks.register("keyring", Mark)
        checks.register(keyring_checks.key_present, checks.Tags.security)
        checks.register(keyring_checks.key_fits, checks.Tags.database)
        checks.register(keyring_checks.recovery_set_up, checks.Tags.security, deploy=True)
        checks.register(keyring_checks.interval_allowed, checks.Tags.security)
        duties.register()
        post_migrate.connect(after_migrate, sender=self, dispatch_uid="keyring.first_epoch")
