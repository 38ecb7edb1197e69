"""The notices of a service as feeds for the company's own pages: JSON Feed 1.1 and Atom (RFC 4287).

Source: KRN-9 (the initial screen shows a change until it takes effect). Both say the same and depend on nobody:
no session, no cookie, no count of readers. The same notices give the same bytes.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils.feedgenerator import Atom1Feed
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from compliance.models import Notice, PolicyVersion, Service
from compliance.rules.calendar import local_day
from members import emails, notice_board, policy_changes

MOST = 20
VERSION = "https://jsonfeed.org/version/1.1"
EXTENSION = "_privacy_notice"  # JSON Feed: names of extensions begin with an underscore.


class _Atom(Atom1Feed):
    """An empty feed was updated when its service went live, not whenever somebody asks."""

    def __init__(self, *, since: datetime, **more: Any) -> None:
        super().__init__(**more)
        self.since = since

    def latest_post_date(self) -> datetime:
        """Return when the newest entry was posted."""
        return super().latest_post_date() if self.items else self.since


def as_json(service: Service, language: str, now: datetime) -> bytes:
    """Return the newest notices as JSON Feed; the language in use is the one of the feed."""
    rows = _newest(service, now)
    changed = _sentences(service, rows)
    feed = {
        "version": VERSION,
        "title": _title(service),
        "home_page_url": emails.page("notices", language, service),
        "feed_url": emails.page("notices_json", language, service),
        "language": language,
        "authors": [{"name": service.operator or service.name}],
        "items": [_item(row, changed[row.pk], language, now) for row in rows],
    }
    return json.dumps(feed, ensure_ascii=False, indent=1).encode()


def as_atom(service: Service, language: str, now: datetime) -> bytes:
    """Return the newest notices as an Atom feed; the language in use is the one of the feed."""
    address = emails.page("notices_atom", language, service)
    feed = _Atom(
        since=service.went_live_at or now,
        title=_title(service),
        link=emails.page("notices", language, service),
        description=None,
        language=language,
        feed_url=address,
        feed_guid=address,
        author_name=service.operator or service.name,
    )
    rows = _newest(service, now)
    changed = _sentences(service, rows)
    for row in rows:
        link = emails.page("notice", language, service, row.pk)
        feed.add_item(
            title=_headline(row),
            link=link,
            description=_html(changed[row.pk]),
            unique_id=link,
            pubdate=row.published_at,
            updateddate=row.published_at,
            categories=[row.event],
        )
    text: str = feed.writeString("utf-8")
    return text.encode()


def _newest(service: Service, now: datetime) -> list[Notice]:
    return list(notice_board.published(service, now)[:MOST])


def _item(row: Notice, changed: Sequence[str], language: str, now: datetime) -> dict[str, Any]:
    service = row.service
    link = emails.page("notice", language, service, row.pk)
    return {
        "id": link,
        "url": link,
        "title": _headline(row),
        "content_text": "\n".join(changed),
        "content_html": _html(changed),
        "date_published": row.published_at.isoformat(),
        "language": language,
        "tags": [row.event],
        EXTENSION: {
            "kind": row.get_event_display(),
            "posted_on": local_day(row.published_at, service.timezone).isoformat(),
            "effective_on": row.effective_on.isoformat(),
            "time_zone": service.timezone,
            "days_ahead": notice_board.lead_days(row),
            "on_first_page": _is_on_first_page(row, now),
            "shown_until": row.shown_until.isoformat() if row.shown_until else None,
            "link_text": _("Read what changes"),
        },
    }


def _is_on_first_page(row: Notice, now: datetime) -> bool:
    is_over = row.shown_until is not None and row.shown_until <= now
    return notice_board.belongs_on_first_page(row) and not is_over


def _title(service: Service) -> str:
    return _("%(name)s: changes of the privacy policy") % {"name": service.name}


def _headline(row: Notice) -> str:
    day = date_format(row.effective_on, "DATE_FORMAT")
    if row.is_given_up:
        return _("The policy change on %(day)s will not happen") % {"day": day}
    return _("The privacy policy changes on %(day)s") % {"day": day}


def _html(changed: Iterable[str]) -> SafeString:
    return format_html_join("", "<p>{}</p>", ((sentence,) for sentence in changed))


def _sentences(service: Service, rows: Iterable[Notice]) -> dict[int, list[str]]:
    """What each notice says that changes, by its number; one query however many there are."""
    were = list(service.versions.filter(state__in=policy_changes.WAS_IN_EFFECT).order_by("-number"))
    return {row.pk: _said(row.version, were) for row in rows}


def _said(version: PolicyVersion, were: Sequence[PolicyVersion]) -> list[str]:
    before = next((one for one in were if one.number < version.number), None)
    changed = policy_changes.lines(before, version) if before else []
    wording = _("The wording changes; what is collected, used and kept stays as it is.")
    return list(dict.fromkeys(line.sentence for line in changed)) or [wording]
