"""Contact: ask or complain without an account, and every way to reach the operator (MIK-17.2, LEJ-8, ENG-5)."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from compliance.auth import throttle
from compliance.auth.address import client_address
from compliance.bell import nudge
from compliance.keyring import digests
from compliance.mail import BadAddress, checked_address
from compliance.models import Service
from members import contact_points, gate, officers
from members.actions import enquiry
from members.actions.enquiry import Letter
from members.contact_forms import ContactForm
from members.models import DataSubject, RightsRequest
from members.rules import enquiry as rule
from members.views import errors, pages

SENT = "contact_sent"
ENQUIRY, WEB = RightsRequest.Kind.ENQUIRY, RightsRequest.Channel.WEB
reads_or_posts = require_http_methods(["GET", "HEAD", "POST"])


@reads_or_posts
@sensitive_post_parameters("text", "name", "email")
def page(request: HttpRequest, service: str) -> HttpResponse:
    """Show the ways and the form (GET), or register what was written (POST)."""
    found, now = pages.live_service(service), timezone.now()
    subject = pages.subject_at(request, found)
    switching = pages.is_language_switch(request)
    form = ContactForm(
        request.POST if request.method == "POST" and not switching else None,
        initial=request.POST.dict(),
        is_known=subject is not None,
    )
    if not (form.is_bound and form.is_valid()):
        return _show(request, found, form, now)
    blocked = _brake(request, now)
    if blocked:
        return errors.too_many(request, service=found, until=blocked)
    return _receive(request, found, form, subject, now)


@require_safe
def sent(request: HttpRequest, service: str) -> HttpResponse:
    """Say once that the message has arrived, with its reference and until when an answer comes."""
    found = pages.live_service(service)
    reference = request.session.get(SENT)
    case = RightsRequest.objects.filter(service=found, reference=reference).first()
    if not reference or case is None:
        return HttpResponseRedirect(reverse("members:contact", args=[found.slug]))
    return pages.show(request, "members/contact_sent.html", service=found, case=case)


def _show(request: HttpRequest, service: Service, form: ContactForm, now: datetime) -> HttpResponse:
    policy = gate.policy_for(service, now)
    return pages.show(
        request,
        "members/contact.html",
        service=service,
        form=form,
        ways=contact_points.lines(policy, now),
        officers=officers.published(service),
        answer_by=rule.answer_by(policy, ENQUIRY, WEB, now).at,
        operator=service.operator,
    )


def _receive(
    request: HttpRequest,
    service: Service,
    form: ContactForm,
    subject: DataSubject | None,
    now: datetime,
) -> HttpResponse:
    given = form.cleaned_data
    try:
        contact = {} if subject else _contact(given)
        letter = Letter(
            given["kind"],
            given["text"],
            WEB,
            language=get_language() or "",
            contact=contact,
        )
        confirms = subject is not None or _may_confirm(contact["email"], now)
        case = enquiry.receive(
            service, letter, subject=subject, confirms=confirms, actor=None, now=now
        )
    except BadAddress:
        form.add_error("email", ContactForm.base_fields["email"].error_messages["invalid"])
        return _show(request, service, form, now)
    except enquiry.NotPossible:
        return pages.to_sign_in(request, service)
    nudge("deliveries.send")
    request.session[SENT] = case.reference
    return HttpResponseRedirect(reverse("members:contact_sent", args=[service.slug]))


def _contact(given: dict[str, str]) -> dict[str, str]:
    return {"name": given["name"], "email": checked_address(given["email"])}


def _brake(request: HttpRequest, now: datetime) -> datetime | None:
    """Count one more message from this network address; return the end of its block, or None."""
    keys = {"contact_ip": digests.throttle("contact_ip", client_address(request))}
    blocked = throttle.blocked_until(keys, now=now)
    if blocked is None:
        throttle.failed(keys, now=now)
    return blocked


def _may_confirm(email: str, now: datetime) -> bool:
    """Whether this mailbox gets a receipt: five a day, so that nobody floods another's with our mail."""
    keys = {"contact_mail": digests.throttle("contact_mail", email.strip().casefold())}
    is_free = throttle.blocked_until(keys, now=now) is None
    if is_free:
        throttle.failed(keys, now=now)
    return is_free
