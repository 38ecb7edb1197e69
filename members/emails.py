"""What the messages to people say: the context of each event, and its encoded form."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.timezone import override as override_zone
from django.utils.translation import override

from compliance.mail import Form, compose, letterhead, officer_mailbox
from compliance.models import Notice, PolicyVersion, Service
from compliance.register_words import said
from compliance.rules import policy_diff
from compliance.rules.calendar import local_day
from compliance.rules.policy_values import Policy
from compliance.selectors import policy_values
from members import one_click, policy_letters, request_words, words
from members.models import AccessCode, Delivery

MOST_CHANGES = 5  # A mail names five changes; the notice page has all of them.
ONE_DAY = timedelta(days=1)
CAMPAIGN = "policy-notices"


def notice_form(
    notice: Notice, *, event: str, stage: str = "", language: str, policy: Policy
) -> Form:
    """Return the message of a notice in one language; ``policy`` is the one in force (officer, contacts).

    ``stage`` tells which correction is meant, where it is one.

    Nothing in it depends on the person: the gate gives contact items for a notice, and no name.
    """
    head = letterhead(notice.service, policy.contacts, campaign=CAMPAIGN)
    with override(language):
        lines = _changes(notice.version)
        more = policy_letters.more(notice, event, stage)
    context = {
        **more,
        "questions_url": page("questions", language, notice.service),
        **_house(notice.service, policy),
        "notice_number": notice.pk,
        "version_number": notice.version.number,
        "effective_on": notice.effective_on,
        "posted_on": local_day(notice.published_at, notice.service.timezone),
        "changes": lines[:MOST_CHANGES],
        "changes_left": max(len(lines) - MOST_CHANGES, 0),
        "asks_consent": any(
            reason.get("needs_consent") for reason in notice.version.change_reasons
        ),
        "notice_url": page("notice", language, notice.service, notice.pk),
        "account_url": page("account", language, notice.service),
        "leave_url": page("withdraw", language, notice.service),
        "order_url": page("order_access", language, notice.service),
    }
    return compose(event, language=language, context=context, letterhead=head)


def dormancy_form(service: Service, day: date, *, language: str, policy: Policy) -> Form:
    """Return the notice to somebody who is set apart from a day on unless they come back (MIK-5.5a)."""
    with override(language):
        kept = [row for row in policy.retention if row.mandatory]
        laws = list(dict.fromkeys(said(row.label) for row in kept))
    context = {
        **_house(service, policy),
        "separate_on": day,
        "last_on": day - ONE_DAY,
        "laws": laws,
        "sign_in_url": page("sign_in", language, service),
        "leave_url": page("withdraw", language, service),
    }
    head = letterhead(service, policy.contacts)
    return compose("dormancy", language=language, context=context, letterhead=head)


def personal_form(delivery: Delivery, figures: Mapping[str, Any], *, policy: Policy) -> Form:
    """Return the message of a code or a confirmation; each is written for one person only.

    Moments are shown in the zone of the service.
    """
    service = delivery.service
    context = {**_house(service, policy), **CONTEXTS[delivery.event](delivery, figures)}
    head = replace(
        letterhead(service, policy.contacts),
        one_click=context.get("stop_url", ""),
        by_hand=context.get("by_hand", False),
    )
    with override_zone(ZoneInfo(service.timezone)):
        return compose(delivery.event, language=delivery.language, context=context, letterhead=head)


def page(name: str, language: str, service: Service, *arguments: object) -> str:
    """Return the full address of a page in a language.

    Example: ``page("notice", "ko", mikmik, 7)`` is ``https://privacy.example/ko/mikmik/notices/7/``.
    """
    with override(language):
        return settings.SITE_URL.rstrip("/") + reverse(
            f"members:{name}", args=[service.slug, *arguments]
        )


def _house(service: Service, policy: Policy) -> dict[str, Any]:
    phones = (row.value for row in policy.contacts if row.channel == "phone" and row.value)
    return {
        "service": service.name,
        "operator": service.operator,
        "officer_email": officer_mailbox(policy.contacts),
        "officer_phone": next(phones, ""),
    }


def _changes(version: PolicyVersion) -> list[str]:
    earlier = version.service.versions.filter(
        state__in=(PolicyVersion.State.IN_EFFECT, PolicyVersion.State.SUPERSEDED),
        number__lt=version.number,
    )
    before = earlier.order_by("-number").first()
    if before is None:
        return []
    old, new = policy_values(before), policy_values(version)
    found = policy_diff.diff(old, new).changes
    ordered = sorted(found, key=lambda change: change.importance != policy_diff.IMPORTANT)
    return list(dict.fromkeys(words.change(one, old, new) for one in ordered))


def _code(delivery: Delivery, figures: Mapping[str, Any]) -> dict[str, Any]:
    life = datetime.fromisoformat(figures["expires_at"]) - delivery.created_at
    return {
        "code": figures["code"],
        "minutes": ceil(life.total_seconds() / 60),
        "for_order": figures.get("purpose") == AccessCode.Purpose.ORDER_ACCESS,
    }


def _confirmation(delivery: Delivery, figures: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "reference": figures["reference"],
        "left_on": date.fromisoformat(figures["left_on"]),
        "unused": figures.get("unused", False),
        "destroyed": figures["destroyed"],
        "kept": [{**row, "until": _day(row["until"])} for row in figures["kept"]],
        "held": [{**row, "until": _day(row["until"])} for row in figures["held"]],
    }


def _choices(delivery: Delivery, figures: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "changed_at": _local(figures["changed_at"], delivery.service),
        "changed": figures["changed"],
        "by_link": figures.get("by_link", False),
        "choices_url": page("choices", delivery.language, delivery.service),
    }


def _reminder(delivery: Delivery, figures: Mapping[str, Any]) -> dict[str, Any]:
    service, language = delivery.service, delivery.language
    agreed = [
        {**row, "since": _local(row["since"], service) if row["since"] else None}
        for row in figures["agreed"]
    ]
    return {
        "agreed": agreed,
        "choices_url": page("choices", language, service),
        "stop_url": page("one_click", language, service, one_click.token(delivery.pk)),
    }


def _sign_in(delivery: Delivery, figures: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "what": figures["what"],
        "changed_at": _local(figures["changed_at"], delivery.service),
        "sign_in_url": page("sign_in", delivery.language, delivery.service),
    }


def _destroyed(delivery: Delivery, figures: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "set_apart": figures["set_apart"],
        "ended": [{**row, "day": _day(row["day"])} for row in figures["ended"]],
        "account_url": page("account", delivery.language, delivery.service),
    }


def _new_address(delivery: Delivery, figures: Mapping[str, Any]) -> dict[str, Any]:
    life = datetime.fromisoformat(figures["expires_at"]) - delivery.created_at
    return {"code": figures["code"], "minutes": ceil(life.total_seconds() / 60)}


def _request(delivery: Delivery, figures: Mapping[str, Any]) -> dict[str, Any]:
    moments = {
        name: _local(figures[name], delivery.service) if figures.get(name) else None
        for name in ("received_at", "due_at", "extended_to", "changed_at", "stopped_at")
    }
    pages = {
        f"{name}_url": page(name, delivery.language, delivery.service)
        for name in ("requests", "data", "sign_in", "order_access")
    }
    told = {name: value for name, value in figures.items() if name != "address"}
    return {**told, **moments, **pages}


def _enquiry(delivery: Delivery, figures: Mapping[str, Any]) -> dict[str, Any]:
    moments = {
        name: _local(figures[name], delivery.service) if figures[name] else None
        for name in ("received_at", "due_at", "extended_to")
    }
    told = {name: value for name, value in figures.items() if name != "address"}
    reason = request_words.extension(figures["reason"])
    return {**told, **moments, "reason": reason, "by_hand": "answer" in figures}


def _known(delivery: Delivery, figures: Mapping[str, Any]) -> dict[str, Any]:
    return {"sign_in_url": page("sign_in", delivery.language, delivery.service)}


def _joined(delivery: Delivery, figures: Mapping[str, Any]) -> dict[str, Any]:
    language, service = delivery.language, delivery.service
    return {
        "joined_at": _local(figures["joined_at"], service),
        "number": figures["version"],
        "answers": figures["answers"],
        "choices_url": page("choices", language, service),
        "leave_url": page("withdraw", language, service),
        "policy_url": page("policy_version", language, service, figures["version"]),
    }


def _representative(delivery: Delivery, figures: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "represent_url": page("represent", delivery.language, delivery.service),
        "until": _local(figures["until"], delivery.service) if "until" in figures else None,
    }


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _copy(delivery: Delivery, figures: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "until": _local(figures["until"], delivery.service),
        "copy_url": page("copy", delivery.language, delivery.service),
    }


def _local(text: str, service: Service) -> datetime:
    return localtime(datetime.fromisoformat(text), ZoneInfo(service.timezone))


CONTEXTS = {
    "enquiry_received": _enquiry,
    "enquiry_later": _enquiry,
    "enquiry_answered": _enquiry,
    "sign_in_code": _code,
    "withdrawal_confirmed": _confirmation,
    "choices_changed": _choices,
    "join_code": _code,
    "join_known": _known,
    "joined": _joined,
    "representative_asked": _representative,
    "representative_unanswered": _representative,
    "represent_code": _code,
    "copy_ready": _copy,
    "marketing_reminder": _reminder,
    "records_destroyed": _destroyed,
    "sign_in_changed": _sign_in,
    "request_received": _request,
    "use_stopped": _request,
    "request_question": _request,
    "request_extended": _request,
    "request_answered": _request,
    "correction_done": _request,
    "request_refused": _request,
    "address_changed": _request,
    "new_address_code": _new_address,
}
