"""What the list of policy versions needs beside its rows, in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import HttpRequest

from compliance import audience
from compliance.admin.changelist import OfficeChangeList
from compliance.audience import Progress
from compliance.models import Notice, PolicyNoticeRule, PolicyText, PolicyVersion
from compliance.rules.calendar import Period
from compliance.rules.notice_periods import announce_by
from compliance.rules.policy_diff import REVISION_EVENTS

WAITING = (PolicyVersion.State.DRAFT, PolicyVersion.State.IN_REVIEW, PolicyVersion.State.APPROVED)


@dataclass
class Extra:
    """Of one version: the last day for its notice, who was told, and its texts as {language: ready}."""

    notice_by: date | None = None
    progress: Progress | None = None
    texts: dict[str, bool] = field(default_factory=dict)


class VersionList(OfficeChangeList):
    """The rows of the page, each with its ``extra``."""

    def get_results(self, request: HttpRequest) -> None:
        """Read the page and what belongs to its rows."""
        super().get_results(request)
        found = extras(list(self.result_list))
        for version in self.result_list:
            version.extra = found[version.pk]


def extras(versions: Sequence[PolicyVersion]) -> dict[int, Extra]:
    """Return ``{primary key: Extra}``: four queries, however many versions there are."""
    found = {version.pk: Extra() for version in versions}
    texts = PolicyText.objects.filter(version__in=found).order_by("position", "pk")
    for version_id, language, ready in texts.values_list("version_id", "language", "ready"):
        found[version_id].texts[language] = ready
    notices = dict(Notice.objects.filter(version__in=found).values_list("pk", "version_id"))
    for notice_id, progress in audience.progress(list(notices)).items():
        found[notices[notice_id]].progress = progress
    rules = _notice_rules(versions)
    for version in versions:
        found[version.pk].notice_by = _notice_by(version, rules[version.service_id])
    return found


def languages(version: PolicyVersion, texts: dict[str, bool]) -> dict[str, bool]:
    """Return ``{language: ready}`` of every language a version is wanted in or has a text in."""
    wanted = (*version.policy_languages, *version.notice_languages, *texts)
    return {language: texts.get(language, False) for language in dict.fromkeys(wanted)}


def _notice_rules(versions: Sequence[PolicyVersion]) -> dict[int, list[PolicyNoticeRule]]:
    services = {version.service_id for version in versions}
    rows = PolicyNoticeRule.objects.filter(
        version__service__in=services, version__state=PolicyVersion.State.IN_EFFECT
    ).select_related("version")
    by_service: dict[int, list[PolicyNoticeRule]] = defaultdict(list)
    for row in rows.exclude(lead=""):
        by_service[row.version.service_id].append(row)
    return by_service


def _notice_by(version: PolicyVersion, rules: Sequence[PolicyNoticeRule]) -> date | None:
    """Return the last day on which every notice rule in force is kept (X-ALL-5)."""
    if version.state not in WAITING or not version.effective_on or not version.change_class:
        return None
    events: Any = REVISION_EVENTS[version.change_class]
    days = [
        announce_by(version.effective_on, Period.parse(row.lead), more_than=row.more_than)
        for row in rules
        if row.event in events
    ]
    return min(days, default=None)
