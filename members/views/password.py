"""My password: choose one, change it, or do without. Whoever signed in a while ago proves it first."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from compliance import bell, ledger
from compliance.models import Service
from members import acting, gate, passwords, sessions, sign_in_name
from members.actions import password as action
from members.actions.password_sign_in import Tried
from members.password_forms import NewPasswordForm, RemovePasswordForm
from members.views import pages, password_entry, sign_in

REMOVE, CODE = "remove", "code"


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("current", "password")
@pages.for_oneself
def page(request: HttpRequest, service: Service) -> HttpResponse:
    """Show the forms (GET), or save, remove, or ask for a code first (POST)."""
    if not may_have(request, service):
        return HttpResponseRedirect(reverse("members:account", args=[service.slug]))
    if request.method != "POST" or pages.is_language_switch(request):
        return _show(request, service)
    must_prove = not sessions.is_fresh(request, now=timezone.now())
    by_password = must_prove and password_entry.has_one(request)
    if request.POST.get("way") == CODE or (must_prove and not by_password):
        return sign_in.prove_again(request, service, then=_here(service))
    return _change(request, service, by_password=by_password)


def may_have(request: HttpRequest, service: Service) -> bool:
    """Whether the policy lists a password of this kind of person, who acts for themselves."""
    policy = gate.policy_for(service, timezone.now())
    listed = passwords.offered_to(policy, request.subject.kind)
    return listed and not acting.is_represented(request)


def _change(request: HttpRequest, service: Service, *, by_password: bool) -> HttpResponse:
    removes = request.POST.get("way") == REMOVE
    kind = RemovePasswordForm if removes else NewPasswordForm
    form = kind(request.POST, asks_current=by_password)
    if not form.is_valid():
        return _show(request, service, form)
    tried = password_entry.prove(request, service, form) if by_password else Tried()
    if by_password and tried.subject is None:
        return password_entry.braked(_show(request, service, form), tried)
    if removes:
        _remove(request)
    else:
        _save(request, form.cleaned_data["password"])
    bell.nudge("deliveries.send")
    return HttpResponseRedirect(_here(service))


def _save(request: HttpRequest, raw: str) -> None:
    account = action.choose(
        request.subject,
        raw,
        actor=ledger.THEMSELVES,
        now=timezone.now(),
        keep_session=sessions.key_of(request),
    )
    sessions.renew(request, account)
    messages.success(
        request,
        _(
            "Your password is saved. Whoever was signed in elsewhere is signed out, and a mail tells you so."
        ),
    )


def _remove(request: HttpRequest) -> None:
    account = request.subject.account
    if account and action.remove(
        account,
        actor=ledger.THEMSELVES,
        now=timezone.now(),
        keep_session=sessions.key_of(request),
    ):
        sessions.renew(request, account)
    messages.success(request, _("You have no password. From now on you sign in with a code."))


def _show(
    request: HttpRequest, service: Service, form: RemovePasswordForm | None = None
) -> HttpResponse:
    has_one = password_entry.has_one(request)
    must_prove = not sessions.is_fresh(request, now=timezone.now())
    blank = NewPasswordForm(asks_current=must_prove and has_one)
    return pages.show(
        request,
        "members/password.html",
        service=service,
        form=form or blank,
        password_field=(form if isinstance(form, NewPasswordForm) else blank)["password"],
        has_one=has_one,
        sign_in_name=sign_in_name.of(request.subject),
        must_prove=must_prove,
    )


def _here(service: Service) -> str:
    return reverse("members:password", args=[service.slug])
