"""What an officer does with an enquiry or a complaint: register, take, read, answer after a preview, answer later."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from compliance import bell, masking
from compliance.mail import BadAddress, checked_address
from compliance.models import Service
from compliance.roles import may, services_of
from members import contact_points, enquiry_preview, request_texts, words
from members.actions import enquiry, enquiry_texts
from members.actions.enquiry import Letter, NotPossible
from members.admin.enquiry_forms import AnswerForm, RegisterForm
from members.admin.people_list import policy_of
from members.admin.request_forms import ExtendForm
from members.admin.reveal_source import page_of
from members.models import DataSubject, Enquiry, RequestMessage

HANDLE = "requests.handle"
REFUSALS: dict[str, Any] = {
    "closed": _("This case is closed already."),
    "answer_missing": _("Write the answer: no case closes without one."),
    "not_later": _("Choose a later day than the one that counts now."),
    "reason_unknown": _("Choose a reason."),
    "text_missing": _("Write down what was said or written."),
    "contact_missing": _("Give the number of the person, or a way to answer."),
    "received_later": _("This moment has not come yet."),
    "left": _("This person is leaving or has left. Register the case without the number."),
}


def urls(page: Any) -> list[Any]:
    """The addresses of all steps, guarded as every page of the office."""

    def guarded(view: Any) -> Any:
        return page.admin_site.admin_view(lambda request, **found: view(request, page, **found))

    steps = {"take": take, "read": read, "answer": answer, "extend": extend}
    return [
        path("register/<slug:slug>/", guarded(register), name="members_enquiry_register"),
        *(
            path(f"<int:pk>/{name}/", guarded(view), name=f"members_enquiry_{name}")
            for name, view in steps.items()
        ),
    ]


def register_links(request: HttpRequest) -> list[tuple[Any, str]]:
    """A link for each service for which the officer may register what came by another way."""
    return [
        (
            _("Register one for %(service)s") % {"service": service.name},
            reverse("admin:members_enquiry_register", args=[service.slug]),
        )
        for service in services_of(request.user, HANDLE).order_by("name")  # type: ignore[arg-type]
    ]


@sensitive_post_parameters()
def register(request: HttpRequest, page: Any, slug: str) -> HttpResponse:
    """GET asks what came, from whom, how and when; POST registers it."""
    service = get_object_or_404(services_of(request.user, HANDLE), slug=slug)  # type: ignore[arg-type]
    policy = policy_of(service)
    if policy is None:
        raise Http404
    local = timezone.localtime()
    form = RegisterForm(
        request.POST if request.method == "POST" else None,
        contacts=contact_points.choices(policy),
        initial={"received_on": local.date(), "received_time": local.time()},
    )
    if request.method == "POST" and form.is_valid():
        case = _register(request, service, form)
        if case is not None:
            bell.nudge("deliveries.send")
            said = _("Registered as %(reference)s.") % {"reference": case.reference}
            messages.success(request, said)
            return HttpResponseRedirect(url("change", case.pk))
    title = _("Register a question or complaint: %(service)s") % {"service": service.name}
    back = reverse("admin:members_enquiry_changelist")
    return page.step_page(request, "enquiry_register", title, back, {"form": form})


def take(request: HttpRequest, page: Any, pk: int) -> HttpResponse:
    """POST: take a case over."""
    case = _case(request, page, pk)
    if request.method == "POST":
        try:
            enquiry.take(case, actor=request.user, now=timezone.now())  # type: ignore[arg-type]
            messages.success(request, _("It is yours."))
        except NotPossible as refused:
            messages.error(request, REFUSALS[str(refused)])
    return HttpResponseRedirect(url("change", pk))


def read(request: HttpRequest, page: Any, pk: int) -> HttpResponse:
    """POST: show what was written and what an answer may use; that it was shown is recorded."""
    case = _case(request, page, pk)
    if request.method != "POST":
        return HttpResponseRedirect(url("change", pk))
    return _read_page(request, page, case, AnswerForm())


@sensitive_post_parameters("text")
def answer(request: HttpRequest, page: Any, pk: int) -> HttpResponse:
    """POST: show the answer as it will leave, then send it, or record one that was given already."""
    case = _case(request, page, pk)
    if request.method != "POST":
        return HttpResponseRedirect(url("change", pk))
    form = AnswerForm(request.POST)
    if not form.is_valid() or request.POST.get("step") == "back":
        return _read_page(request, page, case, form)
    text, told = form.cleaned_data["text"], form.cleaned_data["told"]
    if request.POST.get("step") != "send":
        letter = None if told else enquiry_preview.answer(case, text, timezone.now())
        title = _("Send this answer? %(reference)s") % {"reference": case.reference}
        more = {"form": form, "letter": letter, "case": case}
        return page.step_page(request, "enquiry_preview", title, url("change", pk), more)
    try:
        enquiry.answer(case, text, is_told=told, actor=request.user, now=timezone.now())  # type: ignore[arg-type]
        bell.nudge("deliveries.send")
        messages.success(request, _("Answered. The case is closed."))
    except NotPossible as refused:
        messages.error(request, REFUSALS[str(refused)])
    return HttpResponseRedirect(url("change", pk))


def extend(request: HttpRequest, page: Any, pk: int) -> HttpResponse:
    """GET asks until when and why; POST tells the person."""
    case = _case(request, page, pk)
    post = request.POST if request.method == "POST" else None
    form = ExtendForm(post, asked=case, account=request.user)  # type: ignore[arg-type]
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        try:
            enquiry.extend(
                case,
                cleaned["until"],
                cleaned["reason"],
                actor=request.user,  # type: ignore[arg-type]
                now=timezone.now(),
            )
        except NotPossible as refused:
            form.add_error(None, REFUSALS[str(refused)])
        else:
            bell.nudge("deliveries.send")
            messages.success(request, _("Extended. The person is told until when, and why."))
            return HttpResponseRedirect(url("change", pk))
    title = _("Answer later: %(reference)s") % {"reference": case.reference}
    more = {"form": form, "button": _("Extend with a reason"), "asked": case, "step": "extend"}
    return page.step_page(request, "request_step", title, url("change", pk), more)


def url(name: str, pk: int) -> str:
    """The address of a page of a case."""
    return reverse(f"admin:members_enquiry_{name}", args=[pk])


def _read_page(request: HttpRequest, page: Any, case: Enquiry, form: AnswerForm) -> HttpResponse:
    texts, items = enquiry_texts.read(case, actor=request.user, now=timezone.now())  # type: ignore[arg-type]
    policy = policy_of(case.service)
    more = {
        "case": case,
        "form": form,
        "texts": [one for one in texts if one.role != RequestMessage.Role.CONTACT],
        "contact": [pair for one in texts for pair in _masked(one)],
        "needed": words.items(policy, items) if policy else items,
        "person_url": f"{page_of(case.subject)}?tab=data" if case.subject and items else "",
        "is_open": case.state in enquiry.OPEN,
    }
    title = _("What was written: %(reference)s") % {"reference": case.reference}
    return page.step_page(request, "enquiry_read", title, url("change", case.pk), more)


def _masked(text: request_texts.Text) -> list[tuple[Any, str]]:
    """Name and address of a stranger, masked by the one rule of the house."""
    if text.role != RequestMessage.Role.CONTACT:
        return []
    labels = RegisterForm.base_fields
    return [
        (labels[name].label, masking.mask_item(name, str(value)))
        for name, value in text.values.items()
        if value and name in labels
    ]


def _register(request: HttpRequest, service: Service, form: RegisterForm) -> Any:
    cleaned, contact = form.cleaned_data, form.contact()
    try:
        subject = _person(service, cleaned["person"])
        if contact.get("email"):
            contact["email"] = checked_address(contact["email"])
        letter = Letter(
            cleaned["kind"],
            cleaned["text"],
            cleaned["channel"],
            topic=cleaned["topic"],
            to=cleaned["to"],
            contact={} if subject else contact,
        )
        return enquiry.receive(
            service,
            letter,
            subject=subject,
            received_at=form.received_at(),
            actor=request.user,  # type: ignore[arg-type]
            now=timezone.now(),
        )
    except BadAddress:
        form.add_error("email", _("Enter an e-mail address such as name@example.com."))
    except DataSubject.DoesNotExist:
        form.add_error("person", _("Nobody of this service has this number."))
    except NotPossible as refused:
        form.add_error(None, REFUSALS[str(refused)])
    return None


def _person(service: Service, given: str) -> DataSubject | None:
    """The one person whose number begins with what was given, ``p_`` or not; eight digits at least."""
    number = given.strip().lower().removeprefix("p_")
    if not number:
        return None
    mine = DataSubject.objects.filter(service=service, public_id__startswith=number)
    found = list(mine.select_related("service")[:2]) if len(number) >= 8 else []
    if len(found) != 1:
        raise DataSubject.DoesNotExist
    return found[0]


def _case(request: HttpRequest, page: Any, pk: int) -> Enquiry:
    found: Enquiry = page.get_object(request, str(pk))
    if not may(request.user, HANDLE, found.service):  # type: ignore[arg-type]
        raise PermissionDenied
    return found
