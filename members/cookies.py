"""Cookies as one person sees them: what is declared, what they answered, what may be set now (X-ALL-11).

A member's answer lives on the account as consent; what a browser answered ends with the browser (MIK-15.4).
The signal of Global Privacy Control goes before every yes. Whatever sets or loads something optional asks ``allowed``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.http import HttpRequest
from django.utils.translation import gettext as _

from compliance import own_cookies, term_words
from compliance.models import PolicyVersion, Service
from compliance.policy_show import period_words
from compliance.register_words import said
from compliance.rules import cookies as rules
from compliance.rules.cookies import Answer
from compliance.rules.policy_rows import Clause, Cookie
from compliance.rules.policy_values import Policy
from compliance.selectors import policy_in_force, policy_values
from members import words
from members.choices import ABOUT_COOKIES, Line
from members.models import Answer as Given
from members.models import ConsentState, DataSubject
from members.rules.choices import Choice

VISITOR = "visitor"
EACH_TIME, THIS_TIME = "each_time", "this_time"  # Channels of the answers beside the standing one.
PURPOSE_LENGTH = 60


@dataclass(frozen=True)
class Kind:
    """One optional kind with the answers that count now."""

    row: Cookie
    standing: Answer | None = None
    this_visit: Answer | None = None
    refused_by_browser: bool = False

    @property
    def is_allowed(self) -> bool:
        """Whether it may be set or loaded now."""
        return rules.allowed(
            self.standing, self.this_visit, refused_by_browser=self.refused_by_browser
        )

    @property
    def is_open(self) -> bool:
        """Whether the person still has to be asked."""
        return rules.is_open(
            self.standing, self.this_visit, refused_by_browser=self.refused_by_browser
        )

    @property
    def answer(self) -> Answer | None:
        """The answer shown as given: the one on the account, else the one of this browser."""
        return self.standing or self.this_visit

    @property
    def answers_offered(self) -> tuple[Answer, ...]:
        """What may be answered."""
        return rules.answers_offered(self.row)


@dataclass(frozen=True)
class Cookies:
    """What one person has to do with the cookies of a service, at the moment of a request."""

    service: Service
    version: PolicyVersion | None
    policy: Policy | None
    subject: DataSubject | None
    kinds: Sequence[Kind] = field(default_factory=tuple)
    refused_by_browser: bool = False

    @property
    def open_kinds(self) -> list[Kind]:
        """The kinds that the person has to be asked about before anything is set."""
        return [kind for kind in self.kinds if kind.is_open]

    @property
    def asks_each_time(self) -> bool:
        """Whether the question is for this visit only, because the person wants to be asked each time."""
        asked = self.open_kinds
        return bool(asked) and all(kind.answer == Answer.ASK for kind in asked)

    @property
    def offers_three(self) -> bool:
        """Whether being asked each time is one of the answers."""
        return any(Answer.ASK in kind.answers_offered for kind in self.kinds)


def read(request: HttpRequest, service: Service, subject: DataSubject | None) -> Cookies:
    """Return the cookies of a service as the person of this request stands to them; at most two queries."""
    version = policy_in_force(service)
    by_browser = refuses(request)
    if version is None:
        return Cookies(service, None, None, subject, refused_by_browser=by_browser)
    policy = policy_values(version)
    rows = rules.optional(policy, subject.kind if subject else VISITOR)
    standing = _standing(subject, rows) if subject and rows else {}
    visit = rules.decode(
        request.COOKIES.get(own_cookies.choice_name(service.slug), ""),
        rows,
    )
    kinds = [
        Kind(row, standing.get(row.code), visit.get(row.code), refused_by_browser=by_browser)
        for row in rows
    ]
    return Cookies(service, version, policy, subject, kinds, by_browser)


def allowed(
    request: HttpRequest, service: Service, kind: str, *, subject: DataSubject | None = None
) -> bool:
    """Answer whether a declared kind may be set or loaded in the answer to this request; unknown kinds may not.

    What the policy calls strictly needed runs without a question.
    """
    found = read(request, service, subject)
    if any(one.row.code == kind and one.is_allowed for one in found.kinds):
        return True
    rows = found.policy.cookies if found.policy else ()
    return any(row.code == kind and row.strictly_needed for row in rows)


def refuses(request: HttpRequest) -> bool:
    """Whether the browser refuses for its person, by Global Privacy Control."""
    return request.headers.get("Sec-GPC") == "1"


def purpose_of(row: Cookie) -> str:
    """Return the name under which an answer about a kind is recorded. Example: ``cookies:interest``."""
    return f"{ABOUT_COOKIES}{row.code}"[:PURPOSE_LENGTH]


def _standing(subject: DataSubject, rows: Sequence[Cookie]) -> Mapping[str, Answer]:
    states = ConsentState.objects.filter(
        subject=subject,
        purpose__in=[purpose_of(row) for row in rows],
        channel__in=("", EACH_TIME),
    ).select_related("version__service")
    found = {(state.purpose, state.channel): state for state in states}
    answers = {
        row.code: _answer(row, found.get((purpose_of(row), "")), found.get((purpose_of(row), EACH_TIME)))
        for row in rows
    }  # fmt: skip
    return {code: answer for code, answer in answers.items() if answer}


def _answer(
    row: Cookie, plain: ConsentState | None, each_time: ConsentState | None
) -> Answer | None:
    """The answer on the account, none if it was given to another question."""
    if plain is None or not rules.same_question(_row_of(plain.version, row.code), row):
        return None
    if plain.answer == Given.AGREED:
        return Answer.YES
    asks = each_time is not None and each_time.answer == Given.AGREED
    return Answer.ASK if asks else Answer.NO


def _row_of(version: PolicyVersion, code: str) -> Cookie | None:
    return next((row for row in policy_values(version).cookies if row.code == code), None)


@dataclass(frozen=True)
class Declared:
    """One cookie or tracker of the policy in words."""

    kind: Kind
    name: str
    purposes: Sequence[str]
    set_by: str
    technology: str
    ends: str
    effect: str
    clause: str
    theirs: bool  # Somebody else's, under a policy of their own.


def declared(policy: Policy, kind: Kind, service: Service) -> Declared:
    """Say what the policy says about one row."""
    row = kind.row
    recipient = policy.recipients_by_code.get(row.recipient)
    outside = row.provider != "self"
    return Declared(
        kind=kind,
        name=said(row.name),
        purposes=words.purposes(policy, row.purposes),
        set_by=said(recipient.name if recipient else row.name) if outside else service.name,
        technology=term_words.word(row.technology),
        ends=_ends(row.lifetime),
        effect=said(row.refusal_effect) if row.refusal_effect else "",
        clause=row.clause,
        theirs=outside,
    )


def needed(policy: Policy, subject: DataSubject | None, service: Service) -> list[Declared]:
    """Return the rows that the policy calls strictly needed, for this kind of person."""
    who = subject.kind if subject else VISITOR
    rows = [row for row in policy.cookies if row.strictly_needed and who in row.subjects]
    return [declared(policy, Kind(row), service) for row in rows]


def clauses(policy: Policy) -> list[Clause]:
    """Return the clauses that speak of cookies, by the promises of their rows."""
    told = {code for row in policy.cookies for code in row.obligations}
    told |= {
        code
        for row in policy.rights
        if row.right == "cookie_refusal"
        for code in row.obligations
    }  # fmt: skip
    return [clause for clause in policy.clauses if told.intersection(clause.obligations)]


def _ends(lifetime: str) -> str:
    if lifetime == "session":
        return _("Until you close the browser or sign out")
    if lifetime == "unspecified":
        return _("The policy does not say")
    return period_words(lifetime)


def question(found: Declared, *, channel: str = "") -> Line:
    """Return one question as the consent records know it; its digest covers the words that were shown."""
    row = found.kind.row
    shown = (*found.purposes, found.technology, found.ends, found.effect)
    choice = Choice(purpose_of(row), channel=channel, clause=row.clause)
    return Line(choice=choice, title=found.name, items=shown, recipient=found.set_by)
