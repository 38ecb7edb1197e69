"""Cookies: declared as the policy says, and our own pages set no others."""

from django.conf import settings

from compliance.promises import CheckContext, Finding, found, gravest
from compliance.rules.promises import Verdict

OWN = frozenset({"'self'", "'none'"})


def cookie_declared(context: CheckContext) -> Finding:
    """The row exists, and what our pages do fits it.

    Our pages set two cookies, both needed and both gone with the browser; scripts of others cannot load (CSP).
    Broken: a cookie that outlives the browser where the row says session, or a script source outside the house.
    """
    row = next(
        (row for row in context.policy.cookies if row.code == context.params.get("cookie")), None
    )
    if row is None:
        return found(Verdict.NOT_BUILT, reason="row_missing")
    is_own = row.provider == "self"
    outlives = is_own and row.lifetime == "session" and not _ends_with_browser()
    foreign = not _only_own_scripts()
    unasked = not row.strictly_needed and row.consent != "opt_in"
    return found(
        gravest([(outlives or foreign or unasked, Verdict.BROKEN)]),
        set_here=is_own and row.strictly_needed,
        lifetime=row.lifetime,
        strictly_needed=row.strictly_needed,
        consent=row.consent,
        outlives_browser=outlives,
        foreign_scripts=foreign,
    )


def _ends_with_browser() -> bool:
    return bool(settings.SESSION_EXPIRE_AT_BROWSER_CLOSE) and settings.CSRF_COOKIE_AGE is None


def _only_own_scripts() -> bool:
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    return all(set(directives[name]) <= OWN for name in ("default-src", "script-src", "frame-src"))
