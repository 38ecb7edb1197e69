"""The members app: data subjects and their records."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MembersConfig(AppConfig):
    """All personal data lies in this app and its archive."""

    name = "members"
    verbose_name = _("People and requests")

    def ready(self) -> None:
        """Name every place that holds data about a person."""
        from compliance import audience, clock_report, duties, previews
        from compliance.restore import replays
        from members import (
            case_duties,
            delivery_duties,
            dormancy_ahead,
            holdings,
            markdown,
            notice_office,
            office_duties,
            promise_checks,
            question_office,
            restore_people,
        )
        from members.actions import (
            data_copy,
            known_device,
            pending_join,
            receipt,
            reclock,
            replay,
            representative,
            request_message,
            sign_in_traces,
        )
        from members.imports import staging

        holdings.register("access_codes", sign_in_traces.destroy_codes)
        holdings.register("sessions", sign_in_traces.destroy_sessions)
        holdings.register("known_devices", known_device.destroy_of)
        holdings.register("account", sign_in_traces.destroy_account)
        holdings.register("copies", data_copy.destroy_of)
        holdings.register("request_texts", request_message.destroy_of)
        holdings.register("pending_joins", pending_join.discard_of)
        holdings.register("representatives", representative.destroy_of)
        holdings.register("receipts", receipt.destroy_of)
        holdings.register("staged_changes", staging.destroy_staged)
        promise_checks.register()
        duties.register("members.deliveries", delivery_duties.undelivered)
        duties.register("members.late_notices", delivery_duties.late_notices)
        office_duties.register()
        case_duties.register()
        dormancy_ahead.register()
        audience.register(notice_office.people)
        audience.register_progress(notice_office.progress)
        audience.register_answers(question_office.answers, question_office.bound)
        clock_report.register(reclock.preview)
        previews.register_mail(notice_office.mail)
        previews.register_text(markdown.as_html)
        replays.register(replay.replay)
        restore_people.register()
