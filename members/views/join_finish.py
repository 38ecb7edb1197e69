"""The last step of joining: a proved form becomes a membership, or the owner of the address hears why not."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from compliance.bell import nudge
from compliance.models import Service
from compliance.selectors import policy_values
from members import join_session, sessions
from members.actions import joining, pending_join, representative
from members.actions.pending_join import Gone
from members.models import LegalRepresentative, PendingJoin
from members.rules import joining as rule
from members.views import pages


def go_on(request: HttpRequest, pending: PendingJoin, *, now: datetime) -> HttpResponse:
    """Ask for the code of a form that was just sent, or finish at once where its address is proved already."""
    if pending.proved_at is not None:
        return complete(request, pending, now=now)
    return HttpResponseRedirect(reverse("members:join_code", args=[pending.service.slug]))


def complete(request: HttpRequest, pending: PendingJoin, *, now: datetime) -> HttpResponse:
    """Make the form a membership and sign the person in; a taken login ID leads back to the form."""
    service, asked = pending.service, _asked_for(request, pending, now)
    try:
        if asked is not None:
            person = representative.agree(asked, pending, now=now)
        else:  # Of a child whose representative is not proved any more this is refused.
            person = joining.complete(pending, now=now)
    except Gone:
        return expired(request, service)
    except joining.NotPossible as problem:
        return _explain(request, pending, problem.obstacle)
    nudge("deliveries.send")
    nudge("receipts.sign")
    sessions.sign_in(request, person, now=now)
    if asked is not None:
        join_session.act_as(request, asked.pk)
    messages.success(
        request, _("You are a member now. We sent you a message with everything you answered.")
    )
    return HttpResponseRedirect(reverse("members:account", args=[service.slug]))


def _asked_for(
    request: HttpRequest, pending: PendingJoin, now: datetime
) -> LegalRepresentative | None:
    """The representative who filled the form in, for the child that waits."""
    if pending.subject_id is None:
        return None
    mine = join_session.proved_for(request, now=now)
    rows = LegalRepresentative.objects.select_related("subject__service")
    return rows.filter(pk__in=mine, subject=pending.subject_id).first()


def _explain(
    request: HttpRequest, pending: PendingJoin, obstacle: joining.Obstacle
) -> HttpResponse:
    """The address is proved, so its owner may know: choose another login ID, or come back after a day."""
    address = rule.address_item(policy_values(pending.version), pending.kind)
    if obstacle.item == "login_id" and obstacle.item != address:
        messages.warning(
            request,
            _("This login ID is not free. Choose another one, and enter the password once more."),
        )
        name = "represent_decide" if pending.subject_id else "join"
        return HttpResponseRedirect(reverse(f"members:{name}", args=[pending.service.slug]))
    pending_join.discard([pending.pk])
    join_session.forget(request)
    return pages.show(
        request, "members/join_not_yet.html", service=pending.service, until=obstacle.until
    )


def expired(request: HttpRequest, service: Service) -> HttpResponse:
    """The half hour is over, or the form was used: back to an empty one."""
    join_session.forget(request)
    if pages.subject_at(request, service) is not None:
        return HttpResponseRedirect(reverse("members:account", args=[service.slug]))
    messages.info(
        request, _("What you typed is not kept longer than 30 minutes. Fill in the form again.")
    )
    return HttpResponseRedirect(reverse("members:join", args=[service.slug]))
