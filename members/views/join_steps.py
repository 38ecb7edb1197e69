"""Steps that a joiner and a representative share: the form of a version, holding it, and its code."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from compliance.bell import nudge
from compliance.models import PolicyVersion, Service
from compliance.rules.calendar import local_day
from compliance.selectors import policy_in_force, policy_values
from members import auth, join_session, passwords
from members.actions import join_code, pending_join
from members.actions.join_code import CODE, KNOWN, Letter
from members.actions.pending_join import Filled, Given, Gone
from members.join_blocks import blocks
from members.join_form import AGE, AGREE, DISAGREE, PASSWORD, YES, JoinForm
from members.models import AccessCode, Answer, DataSubject, PendingJoin
from members.rules import joining as rule
from members.rules.choices import Choice
from members.views import pages

DECISION = "decision"


def version_of(service: Service) -> PolicyVersion | None:
    """The policy whose questions are asked now."""
    return policy_in_force(service)


def form_for(
    request: HttpRequest,
    version: PolicyVersion,
    kind: str,
    *,
    now: datetime,
    asks_age: bool = True,
    initial: dict[str, Any] | None = None,
) -> JoinForm:
    """The form in the reader's language: as sent, shown again in another language, or fresh."""
    policy = policy_values(version)
    shown = {
        "policy": policy,
        "kind": kind,
        "blocks": blocks(version, kind),
        "today": local_day(now, policy.timezone),
        "asks_age": asks_age,
    }
    if pages.is_language_switch(request):
        typed = {name: value for name, value in request.POST.items() if name != PASSWORD}
        return JoinForm(initial=typed, **shown)
    if request.method == "POST":
        return JoinForm(request.POST, **shown)
    return JoinForm(initial=initial, **shown)


def says_no(request: HttpRequest, form: JoinForm) -> bool:
    """Whether the person said no: by the button, or to a question without whose yes nobody joins."""
    return form.is_bound and (request.POST.get(DECISION) == DISAGREE or form.says_no)


def filled(form: JoinForm, kind: str) -> Filled:
    """What a sound form holds, ready to be sealed; the password as a hash."""
    by_key = {block.key: block for block in form.blocks}
    given = tuple(
        Given(
            purpose=by_key[key].choice.purpose,
            channel=by_key[key].choice.channel,
            recipient=by_key[key].choice.recipient,
            answer=Answer.AGREED.value if answer == AGREE else Answer.DISAGREED.value,
            text_hash=by_key[key].text_hash,
        )
        for key, answer in form.answers.items()
    )
    typed = form.cleaned_data.get(PASSWORD)
    address = form.values[rule.address_item(form.policy, kind)]
    return Filled(form.values, given, address, passwords.prepare(typed) if typed else "")


def hold(
    request: HttpRequest,
    version: PolicyVersion,
    kind: str,
    form: JoinForm,
    *,
    child: DataSubject | None = None,
    now: datetime,
) -> PendingJoin:
    """Seal a sound form and send the code to its address; all the same for a member and for a stranger.

    An address that this browser has proved already for an earlier form needs no second code.
    """
    content, earlier = filled(form, kind), proved(request, version.service, now=now)
    pending = pending_join.hold(
        version.service, version, kind, content, subject=child, language=_language(), now=now
    )
    is_proved = earlier is not None and _address_of(earlier, now) == content.address
    pending_join.discard([earlier.pk] if earlier else [])
    if is_proved:
        pending_join.prove(pending, now=now)
    token = "" if is_proved else send(pending, content.address, now=now).token
    join_session.await_code(request, token, pending.pk)
    return pending


def typed(request: HttpRequest, service: Service, *, now: datetime) -> dict[str, str]:
    """What a proved form of this browser held that could not become a membership: the person mends it."""
    earlier = proved(request, service, now=now)
    if earlier is None:
        return {}
    try:
        content = pending_join.read(earlier, now=now)
    except Gone:
        return {}
    answers = {
        Choice(one.purpose, one.channel, one.recipient).key: AGREE
        if one.answer == Answer.AGREED
        else DISAGREE
        for one in content.answers
    }
    return {**content.values, **answers, AGE: YES}


def send(pending: PendingJoin, address: str, *, now: datetime) -> AccessCode:
    """Write the code of a form, or to somebody who is a member already the way to sign in."""
    known = auth.find_member(pending.service, address)
    code = join_code.issue(
        pending.service,
        address,
        letter=Letter(KNOWN, works=False) if known else Letter(CODE, works=True),
        purpose=AccessCode.Purpose.JOIN,
        pending=pending,
        language=_language(),
        now=now,
    )
    nudge("deliveries.send")
    return code


def pending_of(request: HttpRequest, service: Service) -> PendingJoin | None:
    """The form that this browser sent, while it is alive."""
    pk = join_session.pending(request)
    rows = PendingJoin.objects.select_related("service", "version__service", "subject__service")
    return rows.filter(pk=pk, service=service).first() if pk else None


def proved(request: HttpRequest, service: Service, *, now: datetime) -> PendingJoin | None:
    """The form of this browser whose address is proved, but which became no membership yet."""
    found = pending_of(request, service)
    is_alive = found is not None and found.proved_at is not None and now < found.expires_at
    return found if is_alive else None


def refusal(tried: join_code.Tried) -> str:
    """Say why a code was not taken."""
    if tried.reason == "expired":
        return _("This code is more than 10 minutes old. Ask for another one below.")
    if tried.reason == "too_many":
        return _("Five tries were wrong, so this code no longer works. Ask for another one below.")
    return ngettext(
        "This code is not right. %(left)d try left.",
        "This code is not right. %(left)d tries left.",
        tried.tries_left,
    ) % {"left": tried.tries_left}


def _address_of(pending: PendingJoin, now: datetime) -> str:
    try:
        return pending_join.read(pending, now=now).address
    except Gone:
        return ""


def _language() -> str:
    return get_language() or "en"
