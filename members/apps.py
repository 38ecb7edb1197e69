"""The members app: data subjects and their records."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MembersConfig(AppConfig):
    """All personal data lies in this app and its archive."""

    name = "members"
    verbose_name = _("People and requests")

    def ready(self) -> None:
        """Name every place that holds data about a person."""
        from compliance import audience, previews
        from members import holdings, markdown, notice_office, promise_checks
        from members.actions import sign_in_traces

        holdings.register("access_codes", sign_in_traces.destroy_codes)
        holdings.register("account", sign_in_traces.destroy_account)
        promise_checks.register()
        audience.register(notice_office.people)
        audience.register_progress(notice_office.progress)
        previews.register_mail(notice_office.mail)
        previews.register_text(markdown.as_html)
