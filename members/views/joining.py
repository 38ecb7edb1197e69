"""Join a service: the form of its policy with one question per consent, the code, and the page after a no.

Sources: KRN-3.1 and MIK-1.1 (two equal answers, nothing kept after a no), KRN-3.2, MIK-3.1b, LEJ-1.1, LEJ-2.4.
"""

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance.bell import nudge
from compliance.models import PolicyVersion, Service
from compliance.selectors import policy_values
from members import join_session
from members.actions import join_code, joining, pending_join, representative
from members.forms import CodeForm
from members.join_form import JoinForm
from members.models import AccessCode, DataSubject, LegalRepresentative, PendingJoin
from members.rules import joining as rule
from members.views import code_brake, errors, join_finish, join_steps, pages

JOIN = AccessCode.Purpose.JOIN
reads_or_posts = require_http_methods(["GET", "HEAD", "POST"])


@reads_or_posts
@sensitive_post_parameters()
def page(request: HttpRequest, service: str) -> HttpResponse:
    """Show the form (GET), or take it: a no, a child's request, or a form that waits for its code (POST)."""
    found, now = pages.live_service(service), timezone.now()
    if pages.subject_at(request, found) is not None:
        return HttpResponseRedirect(reverse("members:account", args=[found.slug]))
    version = join_steps.version_of(found)
    kinds = rule.kinds(policy_values(version)) if version else ()
    if version is None or not kinds:
        return pages.show(request, "members/join_not_here.html", service=found)
    kind = request.GET.get("kind", kinds[0])
    if kind not in kinds:
        raise Http404
    form = join_steps.form_for(
        request, version, kind, now=now, initial=join_steps.typed(request, found, now=now)
    )
    if join_steps.says_no(request, form):
        return _refuse(request, version, now)
    if form.is_bound and form.is_valid():
        if form.is_for_child:
            return _ask_representative(request, version, kind, form, now)
        return _hold(request, version, kind, form, now)
    return _show(request, found, version, form, kind, kinds)


def _hold(
    request: HttpRequest, version: PolicyVersion, kind: str, form: JoinForm, now: datetime
) -> HttpResponse:
    blocked = code_brake.blocked_until(request, now=now)
    if blocked:
        return errors.too_many(request, service=version.service, until=blocked)
    pending = join_steps.hold(request, version, kind, form, now=now)
    return join_finish.go_on(request, pending, now=now)


def _show(
    request: HttpRequest,
    service: Service,
    version: PolicyVersion,
    form: JoinForm,
    kind: str,
    kinds: tuple[str, ...],
) -> HttpResponse:
    return pages.show(
        request,
        "members/join.html",
        service=service,
        version=version,
        form=form,
        kind=kind,
        kinds=[(one, DataSubject.Kind(one).label) for one in kinds] if len(kinds) > 1 else [],
        age=policy_values(version).age_threshold if form.asks_age else None,
        required=sum(block.required for block in form.blocks),
        optional=sum(not block.required for block in form.blocks),
    )


def _refuse(request: HttpRequest, version: PolicyVersion, now: datetime) -> HttpResponse:
    pending = join_steps.pending_of(request, version.service)
    pending_join.discard([pending.pk] if pending else [])
    join_session.forget(request)
    joining.refuse(version, now=now)
    return HttpResponseRedirect(reverse("members:join_refused", args=[version.service.slug]))


def _ask_representative(
    request: HttpRequest, version: PolicyVersion, kind: str, form: JoinForm, now: datetime
) -> HttpResponse:
    blocked = code_brake.blocked_until(request, now=now, representative=form.representative)
    if blocked:
        return errors.too_many(request, service=version.service, until=blocked)
    asked = representative.ask(
        version, kind, form.representative, language=get_language() or "en", now=now
    )
    nudge("deliveries.send")
    join_session.wait_for(request, asked.pk)
    return HttpResponseRedirect(reverse("members:join_waiting", args=[version.service.slug]))


@require_safe
def refused(request: HttpRequest, service: str) -> HttpResponse:
    """You said no: nothing was kept."""
    return pages.show(request, "members/join_refused.html", service=pages.live_service(service))


@require_safe
def waiting(request: HttpRequest, service: str) -> HttpResponse:
    """A child waits: until when, and what happens without an answer."""
    found = pages.live_service(service)
    pk = join_session.waits_for(request)
    if not pk:
        return HttpResponseRedirect(reverse("members:join", args=[found.slug]))
    asked = LegalRepresentative.objects.filter(pk=pk, subject__service=found).first()
    return pages.show(request, "members/join_waiting.html", service=found, asked=asked)


@reads_or_posts
@sensitive_post_parameters("code")
def enter_code(request: HttpRequest, service: str) -> HttpResponse:
    """Take the code of the form that this browser sent."""
    found, now = pages.live_service(service), timezone.now()
    pending = join_steps.pending_of(request, found)
    if pending is None or now >= pending.expires_at:
        return join_finish.expired(request, found)
    if pending.proved_at is not None:
        return HttpResponseRedirect(reverse("members:join", args=[found.slug]))
    attempt = join_code.open_attempt(join_session.token(request), found, JOIN)
    if attempt is None:
        return join_finish.expired(request, found)
    is_sent = request.method == "POST" and not pages.is_language_switch(request)
    form = CodeForm(request.POST if is_sent else None)
    if form.is_bound and form.is_valid():
        tried = join_code.check(attempt, form.cleaned_data["code"], now=now)
        if tried.right:
            pending_join.prove(pending, now=now)
            return join_finish.complete(request, pending, now=now)
        form.add_error("code", join_steps.refusal(tried))
    return _show_code(request, pending, form, now)


def _show_code(
    request: HttpRequest, pending: PendingJoin, form: CodeForm, now: datetime
) -> HttpResponse:
    return pages.show(
        request,
        "members/join_code.html",
        service=pending.service,
        form=form,
        address=pending_join.read(pending, now=now).address,
        for_child=pending.subject_id is not None,
    )


@require_POST
def send_again(request: HttpRequest, service: str) -> HttpResponse:
    """Send another code, 60 seconds after the last one at the earliest."""
    found, now = pages.live_service(service), timezone.now()
    here = HttpResponseRedirect(reverse("members:join_code", args=[found.slug]))
    pending = join_steps.pending_of(request, found)
    attempt = join_code.open_attempt(join_session.token(request), found, JOIN)
    if pending is None or attempt is None or now >= pending.expires_at:
        return here
    if join_code.resend_at(attempt) > now:
        messages.info(
            request, _("A code was sent less than 60 seconds ago. Wait a minute, then ask again.")
        )
        return here
    blocked = code_brake.blocked_until(request, now=now)
    if blocked:
        return errors.too_many(request, service=found, until=blocked)
    join_code.give_up(attempt, now=now)
    renewed = join_steps.send(pending, pending_join.read(pending, now=now).address, now=now)
    join_session.await_code(request, renewed.token, pending.pk)
    messages.success(request, _("Another code is on its way. The earlier one no longer works."))
    return here
