"""The disclosures app: recipients and whatever leaves the house."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DisclosuresConfig(AppConfig):
    """Third parties, processors and what they were given."""

    name = "disclosures"
    verbose_name = _("Third parties")

    def ready(self) -> None:
        """Name the checks of this app."""
        from disclosures import promise_checks

        promise_checks.register()
