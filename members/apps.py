"""The members app: data subjects and their records."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MembersConfig(AppConfig):
    """All personal data lies in this app and its archive."""

    name = "members"
    verbose_name = _("People and requests")

    def ready(self) -> None:
        """Say what the study may ask this floor for, and name every place that holds data about a person."""
        from compliance import audience, clock_report, duties, previews
        from compliance.restore import replays
        from members import (
            case_duties,
            delivery_duties,
            dormancy_ahead,
            held_places,
            markdown,
            notice_office,
            office_duties,
            promise_checks,
            question_office,
            restore_people,
        )
        from members.actions import reclock, replay

        held_places.register()
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
