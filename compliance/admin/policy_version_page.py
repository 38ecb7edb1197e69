"""The page of one policy version: what it is, the one next step, what it says, its texts, its history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from compliance import audience, clock_report, diff_words, policy_show, previews
from compliance.admin import policy_pages as pages
from compliance.admin.history import entries_about
from compliance.admin.policy_list import Extra, extras, languages
from compliance.admin.policy_pages import State
from compliance.models import Account, NoticeCorrection, PolicyVersion
from compliance.models.policy_tables import TABLE_MODELS
from compliance.policy_data import data_of
from compliance.rules.calendar import local_day

ASKED = (State.ANNOUNCED, State.IN_EFFECT, State.SUPERSEDED)
# What people look for first stands first.
GROUPS = (
    ("items", "purposes", "uses", "retention", "recipients", "cookies", "marketing"),
    ("rights", "notices", "contacts", "collection_methods", "destruction", "roles", "controls"),
    ("clauses", "findings", "promises"),
)


@dataclass(frozen=True)
class Step:
    """What can be done next. ``posts`` is the field that a POST sends, empty for a link."""

    words: str
    url: str
    posts: str = ""


def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a version. Reading changes nothing, and nothing can be posted here."""
    version = pages.find(request, pk)
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    sections = {"overview": _overview, "says": _says, "texts": _texts, "history": _history}
    tab = request.GET.get("tab", "")
    tab = tab if tab in sections else "overview"
    extra = extras([version])[version.pk]
    context = {
        "tab": tab,
        "tabs": _tabs(version, extra),
        "summary": summary(version, extra),
        "next_step": next_step(request, version),
        "may_cancel": _may_cancel(request, version),
        "may_move": _may_cancel(request, version) and version.state == State.ANNOUNCED,
        "extra": extra,
    }
    return pages.show(
        request,
        "version",
        version,
        _title(version),
        context | sections[tab](request, version, extra),
    )


def summary(version: PolicyVersion, extra: Extra) -> str:
    """Return one line about where a version stands."""
    day = date_format(version.effective_on, "DATE_FORMAT") if version.effective_on else ""
    kind = version.get_change_class_display()
    told = extra.progress or audience.Progress()
    lines = {
        State.DRAFT: _("Being written. It promises nothing yet."),
        State.IN_REVIEW: _("%(kind)s, to take effect on %(day)s. Waits for a second officer."),
        State.APPROVED: _(
            "%(kind)s, to take effect on %(day)s. Its content is fixed; people are told next."
        ),
        State.ANNOUNCED: _("%(kind)s, takes effect on %(day)s. Told: %(told)s of %(all)s people."),
        State.IN_EFFECT: _("In force since %(day)s. It decides what this software does."),
        State.SUPERSEDED: _("Was in force from %(day)s until a newer version took its place."),
        State.CANCELLED: _("Given up before it took effect."),
    }
    values = {"kind": kind, "day": day, "told": f"{told.told:,}", "all": f"{told.all:,}"}
    if version.state == State.ANNOUNCED and not told.all:
        return _("%(kind)s, takes effect on %(day)s. The messages are being prepared.") % values
    return lines[State(version.state)] % values


def next_step(request: HttpRequest, version: PolicyVersion) -> Step | None:
    """Return the one next step for this officer, or nothing."""
    may = {
        name: pages.allowed(request, version, f"policies.{name}")
        for name in ("edit", "approve", "announce")
    }
    steps = {
        State.DRAFT: (may["edit"], Step(_("Check and hand in"), pages.url("check", version.pk))),
        State.IN_REVIEW: (may["approve"], Step(_("Review"), pages.url("review", version.pk))),
        State.APPROVED: (
            may["announce"],
            Step(_("Announce now"), pages.url("announce", version.pk)),
        ),
        State.IN_EFFECT: (
            may["edit"],
            Step(_("Copy the policy in force"), pages.url("copy"), posts=str(version.service_id)),
        ),
    }
    is_open, step = steps.get(State(version.state), (False, None))
    return step if is_open else None


def _may_cancel(request: HttpRequest, version: PolicyVersion) -> bool:
    return version.state in PolicyVersion.OPEN and pages.allowed(
        request, version, "policies.announce"
    )


def _title(version: PolicyVersion) -> str:
    return _("%(service)s, version %(number)d") % {
        "service": version.service.name,
        "number": version.number,
    }


def _tabs(version: PolicyVersion, extra: Extra) -> list[tuple[str, str, str]]:
    """Return (code, words, address); the check page stands among them while it has something to say."""
    texts = languages(version, extra.texts)
    ready = _("Texts %(ready)d/%(all)d") % {"ready": sum(texts.values()), "all": len(texts)}
    tabs = [
        ("overview", _("Overview"), "?tab=overview"),
        ("says", _("What it says"), "?tab=says"),
        ("texts", ready, "?tab=texts"),
        ("history", _("History"), "?tab=history"),
    ]
    if version.state in (State.DRAFT, State.IN_REVIEW):
        tabs.insert(3, ("check", _("Check"), pages.url("check", version.pk)))
    return tabs


def _overview(request: HttpRequest, version: PolicyVersion, extra: Extra) -> dict[str, Any]:
    people = {one.pk: str(one) for one in _people(version)}
    reasons = {
        diff_words.reason(one["reason"]): one["importance"] for one in version.change_reasons
    }
    return {
        "milestones": _milestones(version, people),
        "reasons": sorted(reasons.items(), key=lambda pair: pair[1] != "important"),
        "notice": version.notices.first(),
        "progress": extra.progress if extra.progress and extra.progress.all else None,
        "clocks": clock_report.changes(version, on=_today(version)),
        "corrections": _corrections(version),
        **_answers(version),
    }


def _corrections(version: PolicyVersion) -> list[Any]:
    found = NoticeCorrection.objects.filter(notice__version=version)
    return list(found.order_by("decided_at", "number"))


def _answers(version: PolicyVersion) -> dict[str, Any]:
    """What people said to the questions of a version that they were told of; counts only."""
    if version.state not in ASKED:
        return {}
    return {"answers": audience.answers(version), "bound": audience.bound_by(version)}


def _today(version: PolicyVersion) -> date:
    return local_day(timezone.now(), version.service.timezone)


def _people(version: PolicyVersion) -> list[Any]:
    ids = {version.created_by_id, version.submitted_by_id, version.approved_by_id} - {None}
    return list(Account.objects.filter(pk__in=ids))


def _milestones(version: PolicyVersion, people: dict[int, str]) -> list[tuple[str, Any, str]]:
    """Return (what, when, who) of each step that was made."""
    system = _("System")
    steps = [
        (_("Started"), version.created_at, people.get(version.created_by_id or 0, system)),
        (
            _("Handed in for review"),
            version.submitted_at,
            people.get(version.submitted_by_id or 0, system),
        ),
        (_("Approved"), version.approved_at, people.get(version.approved_by_id or 0, system)),
        (_("Announced"), version.announced_at, ""),
        (_("Took effect"), version.taken_effect_at, ""),
        (_("Replaced"), version.superseded_at, ""),
        (_("Cancelled"), version.cancelled_at, ""),
    ]
    return [step for step in steps if step[1]]


def _says(request: HttpRequest, version: PolicyVersion, extra: Extra) -> dict[str, Any]:
    data = data_of(version)
    opened = request.GET.get("open", "")
    names = policy_show.names_of(data)
    singles = [
        {
            "table": table,
            "words": policy_show.table_words(table),
            "facts": policy_show.facts(table, data[table], names),
            "is_open": table == opened,
        }
        for table in ("service", "never_collect")
    ]
    groups = [[_section(version, data, table, opened) for table in group] for group in GROUPS]
    return {"singles": singles, "groups": groups}


def _section(
    version: PolicyVersion, data: dict[str, Any], table: str, opened: str
) -> dict[str, Any]:
    rows = TABLE_MODELS[table].objects.filter(version=version).order_by("position", "pk")
    shown = policy_show.rows(data, table, rows.values_list("pk", flat=True))
    words = ngettext("%(n)d row", "%(n)d rows", len(shown)) % {"n": len(shown)}
    suggested = sum(not row.stated for row in shown)
    return {
        "table": table,
        "words": policy_show.table_words(table),
        "rows": shown,
        "count": words,
        "suggested": suggested,
        "is_open": table == opened,
    }


def _texts(request: HttpRequest, version: PolicyVersion, extra: Extra) -> dict[str, Any]:
    bodies = {text.language: text for text in version.texts.all()}
    texts = [
        {
            "language": language,
            "name": policy_show.language_words(language),
            "ready": ready,
            "html": previews.text(bodies[language].body) if language in bodies else "",
        }
        for language, ready in languages(version, extra.texts).items()
    ]
    return {"texts": texts}


def _history(request: HttpRequest, version: PolicyVersion, extra: Extra) -> dict[str, Any]:
    return {"entries": entries_about(f"policy_version:{version.pk}")}
