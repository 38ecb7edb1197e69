"""A legal representative: proves an own address, answers for a child that wants to join, or acts for one that did.

Source: LEJ-2.4 (activation waits for the representative), LEJ-RGT-7 (the same rights), LAW-KR-4 (by e-mail).
"""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from compliance.bell import nudge
from compliance.models import PolicyVersion, Service
from members import auth, join_session, sessions
from members.actions import join_code, representative
from members.actions.join_code import Letter
from members.forms import CodeForm, RepresentativeForm
from members.join_form import JoinForm
from members.models import AccessCode, LegalRepresentative
from members.views import code_brake, errors, join_finish, join_steps, pages

PURPOSE = AccessCode.Purpose.REPRESENTATIVE
NOBODY = Letter(join_code.NONE, works=False)
State = LegalRepresentative.State
reads_or_posts = require_http_methods(["GET", "HEAD", "POST"])


@reads_or_posts
@sensitive_post_parameters("email")
def start(request: HttpRequest, service: str) -> HttpResponse:
    """Ask for the own address of a representative and send a code; the answer is the same for strangers."""
    found, now = pages.live_service(service), timezone.now()
    if pages.is_language_switch(request):
        form = RepresentativeForm(initial=request.POST.dict())
    else:
        form = RepresentativeForm(request.POST if request.method == "POST" else None)
    if not (form.is_bound and form.is_valid()):
        return pages.show(request, "members/represent.html", service=found, form=form)
    blocked = code_brake.blocked_until(request, now=now)
    if blocked:
        return errors.too_many(request, service=found, until=blocked)
    address = form.cleaned_data["email"]
    for_whom = representative.known_at(found, address)
    code = join_code.issue(
        found,
        address,
        letter=Letter(join_code.REPRESENT, works=True) if for_whom else NOBODY,
        purpose=PURPOSE,
        language=get_language() or "en",
        now=now,
    )
    nudge("deliveries.send")
    join_session.await_representative(request, code.token, [one.pk for one in for_whom])
    return HttpResponseRedirect(reverse("members:represent_code", args=[found.slug]))


@reads_or_posts
@sensitive_post_parameters("code")
def enter_code(request: HttpRequest, service: str) -> HttpResponse:
    """Take the code of a representative."""
    found, now = pages.live_service(service), timezone.now()
    token = join_session.representative_token(request)
    attempt = join_code.open_attempt(token, found, PURPOSE)
    if attempt is None:
        return HttpResponseRedirect(reverse("members:represent", args=[found.slug]))
    is_sent = request.method == "POST" and not pages.is_language_switch(request)
    form = CodeForm(request.POST if is_sent else None)
    if form.is_bound and form.is_valid():
        tried = join_code.check(attempt, form.cleaned_data["code"], now=now)
        if tried.right:
            join_session.prove_representative(request, now=now)
            return HttpResponseRedirect(reverse("members:represent_whom", args=[found.slug]))
        form.add_error("code", join_steps.refusal(tried))
    return pages.show(request, "members/represent_code.html", service=found, form=form)


@reads_or_posts
def whom(request: HttpRequest, service: str) -> HttpResponse:
    """The children somebody answers or acts for: answer for one that waits, or sign in for a member (POST)."""
    found, now = pages.live_service(service), timezone.now()
    mine = _mine(request, found, now)
    if not mine:
        return HttpResponseRedirect(reverse("members:represent", args=[found.slug]))
    if request.method == "POST":
        return _act(request, found, mine, now)
    return pages.show(request, "members/represent_whom.html", service=found, mine=mine)


@reads_or_posts
@sensitive_post_parameters()
def decide(request: HttpRequest, service: str) -> HttpResponse:
    """What joining asks for, to be filled in and answered for the child, or refused."""
    found, now = pages.live_service(service), timezone.now()
    asked = _waiting(request, found, now)
    version = join_steps.version_of(found)
    if asked is None:
        return HttpResponseRedirect(reverse("members:represent", args=[found.slug]))
    if version is None:
        raise Http404
    kind = asked.subject.kind
    initial = join_steps.typed(request, found, now=now)
    form = join_steps.form_for(request, version, kind, now=now, asks_age=False, initial=initial)
    if join_steps.says_no(request, form):
        representative.refuse(asked, version, now=now)
        return HttpResponseRedirect(reverse("members:join_refused", args=[found.slug]))
    if form.is_bound and form.is_valid():
        return _hold(request, version, asked, form, now)
    return pages.show(
        request,
        "members/join.html",
        service=found,
        version=version,
        form=form,
        kind=kind,
        asked=asked,
        required=sum(block.required for block in form.blocks),
        optional=sum(not block.required for block in form.blocks),
    )


def _hold(
    request: HttpRequest,
    version: PolicyVersion,
    asked: LegalRepresentative,
    form: JoinForm,
    now: datetime,
) -> HttpResponse:
    blocked = code_brake.blocked_until(request, now=now)
    if blocked:
        return errors.too_many(request, service=version.service, until=blocked)
    child = asked.subject
    pending = join_steps.hold(request, version, child.kind, form, child=child, now=now)
    return join_finish.go_on(request, pending, now=now)


def _act(
    request: HttpRequest, service: Service, mine: list[LegalRepresentative], now: datetime
) -> HttpResponse:
    one = _chosen(request, mine)
    if one is None or one.state != State.CONFIRMED:
        where = "represent_decide" if one else "represent_whom"
        if one:
            join_session.wait_for(request, one.pk)
        return HttpResponseRedirect(reverse(f"members:{where}", args=[service.slug]))
    if not auth.is_welcome(one.subject):
        messages.info(request, _("Nobody can sign in to this membership at the moment."))
        return HttpResponseRedirect(reverse("members:represent_whom", args=[service.slug]))
    representative.note_sign_in(one, now=now)
    sessions.sign_in(request, one.subject, now=now)
    join_session.act_as(request, one.pk)
    return HttpResponseRedirect(reverse("members:account", args=[service.slug]))


def _mine(request: HttpRequest, service: Service, now: datetime) -> list[LegalRepresentative]:
    rows = LegalRepresentative.objects.filter(
        pk__in=join_session.proved_for(request, now=now), subject__service=service
    )
    found = rows.select_related("subject__service", "subject__account", "version__service")
    return list(found.order_by("asked_at"))


def _waiting(request: HttpRequest, service: Service, now: datetime) -> LegalRepresentative | None:
    """The child that waits and was chosen, or the only one."""
    open_ = [one for one in _mine(request, service, now) if one.state == State.ASKED]
    chosen = join_session.waits_for(request)
    return next((one for one in open_ if one.pk.hex == chosen), open_[0] if open_ else None)


def _chosen(request: HttpRequest, mine: list[LegalRepresentative]) -> LegalRepresentative | None:
    try:
        pk = UUID(request.POST.get("for", ""))
    except ValueError:
        return None
    return next((one for one in mine if one.pk == pk), None)
