"""Do optional cookies wait for an answer, and does a page load nothing that nobody has declared."""

from pathlib import Path

from django.conf import settings
from django.db.models import Sum

from compliance.promises import CheckContext, Fact, Finding, found, gravest
from compliance.rules import cookies as rules
from compliance.rules.calendar import Period, last_day
from compliance.rules.cookies import Answer
from compliance.rules.policy_rows import Cookie
from compliance.rules.promises import Verdict
from members import cookie_help, cookies
from members.models import Answer as Given
from members.models import ConsentEvent, ConsentState, CookieCount

PAGES = settings.BASE_DIR / "templates" / "members"
GUARD = "compliance.middleware.DeclaredCookiesMiddleware"
RENEW_EVERY = Period.parse("P12M")


def choice_kept(context: CheckContext) -> Finding:
    """The row is off without a yes, every yes on an account is proven, and a person can refuse in today's browsers.

    Broken: the gate lets the row through in any state but a yes; a yes without its record; a page of ours that loads
    from elsewhere; undeclared cookies that nobody stops. Waiting: the steps for refusing are older than 12 months.
    """
    wanted = context.params.get("cookie")
    row = next((row for row in context.policy.cookies if row.code == wanted), None)
    if row is None:
        return found(Verdict.NOT_BUILT, reason="row_missing")
    let_through, unproven = _let_through(), _unproven(context, row)
    loads = context.once("pages_load", lambda: loads_from_elsewhere(PAGES))
    unguarded = GUARD not in settings.MIDDLEWARE
    is_old = context.today > last_day(cookie_help.WRITTEN_ON, RENEW_EVERY)
    facts: dict[str, Fact] = {
        "answers_offered": len(rules.answers_offered(row)),
        "let_through": let_through,
        "answers_without_record": unproven,
        "pages_that_load_from_elsewhere": len(loads),
        "undeclared_cookies_stopped": not unguarded,
        "steps_written_on": cookie_help.WRITTEN_ON,
        **_tally(context, row),
    }
    if is_old:
        facts["reason"] = "cookie_help_old"
    broken = unguarded or let_through + unproven + len(loads) > 0
    return found(
        gravest([(broken, Verdict.BROKEN), (is_old, Verdict.WAITING_FOR_PERSON)]),
        **facts,
    )


def loads_from_elsewhere(folder: Path) -> list[tuple[str, str]]:
    """Return ``(page, host)`` for whatever a page of people would load from another house (LMK-6)."""
    return [
        (file.name, host)
        for file in sorted(folder.rglob("*.html"))
        for host in rules.foreign_loads(file.read_text(encoding="utf-8"))
    ]


def _let_through() -> int:
    """Ask the gate in every state a person can be in; a yes that nothing speaks against is the only one to pass."""
    states: list[Answer | None] = [None, *Answer]
    return sum(
        rules.allowed(standing, visit, refused_by_browser=refused)
        for standing in states
        for visit in states
        for refused in (False, True)
        if refused or standing == Answer.NO or Answer.YES not in (standing, visit)
    )


def _unproven(context: CheckContext, row: Cookie) -> int:
    """Members whose yes counts now without a record of it that names the words shown."""
    mine = {"subject__service": context.service, "purpose": cookies.purpose_of(row)}
    agreed = ConsentState.objects.filter(**mine, answer=Given.AGREED)
    proof = ConsentEvent.objects.filter(**mine, answer=Given.AGREED).exclude(text_hash="")
    return agreed.exclude(subject__in=proof.values("subject")).count()


def _tally(context: CheckContext, row: Cookie) -> dict[str, Fact]:
    members = ConsentState.objects.filter(
        subject__service=context.service, purpose=cookies.purpose_of(row), channel=""
    )
    counts = CookieCount.objects.filter(version__service=context.service, kind=row.code)
    said = dict(counts.values_list("answer").annotate(Sum("answers")))
    return {
        "members_allowing": members.filter(answer=Given.AGREED).count(),
        "members_refusing": members.exclude(answer=Given.AGREED).count(),
        **{f"visitors_{answer}": said.get(answer, 0) for answer in Answer},
    }
