"""Were changes announced as long before as the policy says, where it says, and to everybody (X-ALL-5)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from compliance.models import Notice, PolicyNoticeRule, PolicyVersion
from compliance.promises import CheckContext, Finding, found, gravest
from compliance.rules import notice_periods
from compliance.rules.calendar import Period, start_of_day
from compliance.rules.policy_values import NoticeRule
from compliance.rules.promises import Verdict

State = PolicyVersion.State
PLANNED = (State.DRAFT, State.IN_REVIEW, State.APPROVED)
OUT = (State.ANNOUNCED, State.IN_EFFECT, State.SUPERSEDED)
SHOWN_HERE = frozenset({"homepage_notice", "first_page", "website", "service"})
CLASSES = {
    "policy_revision_general": ("general", "important"),
    "policy_revision_important": ("important",),
}
EVE = timedelta(hours=24)


@dataclass(frozen=True)
class _Lead:
    """What a version promised about announcing the next one."""

    period: Period
    more_than: bool
    places: frozenset[str]


def notice_in_time(context: CheckContext) -> Finding:
    """Look at every announced and planned change that the notice row is about.

    Broken: posted too late, not showing, not where promised, or people untold on the day. At risk: untold on the
    eve, or a planned day that can no longer be met. Places that this software does not show are not built.
    """
    row = context.policy.notices_by_code.get(str(context.params.get("notice")))
    if row is None or row.event not in CLASSES:
        return found(Verdict.NOT_BUILT, reason="notice_kind_not_built")
    versions = list(_versions(context, row))
    published = {one.version_id: one for one in Notice.objects.filter(version__in=versions)}
    leads = _leads(context, row.event)
    out = [one for one in versions if one.state in OUT]
    tallies = {
        "announced": len(out),
        "planned": len(versions) - len(out),
        "too_late": sum(_is_late(one, _lead_then(one, leads, context)) for one in out),
        "not_shown": sum(_is_not_shown(one, published.get(one.pk)) for one in out),
        "places_missing": sum(
            _misses_places(one, published.get(one.pk), leads, context) for one in out
        ),
        "untold": sum(_is_untold(one, published.get(one.pk), context) for one in out),
        "untold_on_the_eve": sum(
            _is_untold_on_eve(one, published.get(one.pk), context) for one in out
        ),
        "cannot_be_met": sum(
            _cannot_be_met(one, leads, context) for one in versions if one.state in PLANNED
        ),
    }
    elsewhere = sorted(set(row.places) - SHOWN_HERE)
    return found(
        _verdict(tallies, elsewhere),
        **tallies,
        lead=str(row.lead) if row.lead else "",
        places_not_built=" ".join(elsewhere),
        page="admin:compliance_notice_changelist",
    )


def _verdict(tallies: Mapping[str, int], elsewhere: list[str]) -> Verdict:
    late = (
        tallies["too_late"] + tallies["not_shown"] + tallies["places_missing"] + tallies["untold"]
    )
    return gravest(
        [
            (late > 0, Verdict.BROKEN),
            (tallies["untold_on_the_eve"] + tallies["cannot_be_met"] > 0, Verdict.AT_RISK),
            (bool(elsewhere), Verdict.NOT_BUILT),
        ]
    )


def _versions(context: CheckContext, row: NoticeRule) -> Iterable[PolicyVersion]:
    """Changes of the classes that the row is about; the first version was loaded, not announced."""
    mine = context.service.versions.filter(
        change_class__in=CLASSES[row.event], state__in=(*PLANNED, *OUT), effective_on__isnull=False
    )
    return mine.only("pk", "state", "effective_on", "announced_on", "announced_at", "service")


def _leads(context: CheckContext, event: str) -> list[tuple[datetime, _Lead]]:
    """What each version that was ever in effect promised about this event, the newest first."""
    rows = PolicyNoticeRule.objects.filter(
        version__service=context.service, event=event, version__taken_effect_at__isnull=False
    ).order_by("-version__taken_effect_at")
    return [
        (since, _Lead(Period.parse(lead or "P0D"), more_than, frozenset(places)))
        for since, lead, more_than, places in rows.values_list(
            "version__taken_effect_at", "lead", "more_than", "places"
        )
    ]


def _lead_then(
    version: PolicyVersion, leads: list[tuple[datetime, _Lead]], context: CheckContext
) -> _Lead | None:
    """The promise that held when a version was announced, or that holds now for one that is planned."""
    asked = version.announced_at or context.now
    return next((lead for since, lead in leads if since <= asked), None)


def _earliest(announced_on: date, lead: _Lead) -> date:
    return notice_periods.earliest_effective_on(announced_on, lead.period, more_than=lead.more_than)


def _is_late(version: PolicyVersion, lead: _Lead | None) -> bool:
    if lead is None or version.effective_on is None:
        return False
    return (
        version.announced_on is None or _earliest(version.announced_on, lead) > version.effective_on
    )


def _is_not_shown(version: PolicyVersion, notice: Notice | None) -> bool:
    return notice is None or notice.state != Notice.State.PUBLISHED


def _misses_places(
    version: PolicyVersion,
    notice: Notice | None,
    leads: list[tuple[datetime, _Lead]],
    context: CheckContext,
) -> bool:
    lead = _lead_then(version, leads, context)
    return bool(lead and notice and lead.places - set(notice.places))


def _is_untold(version: PolicyVersion, notice: Notice | None, context: CheckContext) -> bool:
    open_still = notice is not None and notice.completed_at is None
    return open_still and version.effective_on is not None and version.effective_on <= context.today


def _is_untold_on_eve(version: PolicyVersion, notice: Notice | None, context: CheckContext) -> bool:
    if notice is None or notice.completed_at or version.effective_on is None:
        return False
    begins = start_of_day(version.effective_on, context.policy.timezone)
    return context.now < begins <= context.now + EVE


def _cannot_be_met(
    version: PolicyVersion, leads: list[tuple[datetime, _Lead]], context: CheckContext
) -> bool:
    lead = _lead_then(version, leads, context)
    return bool(
        lead and version.effective_on and _earliest(context.today, lead) > version.effective_on
    )
