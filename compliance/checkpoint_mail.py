"""A checkpoint by plain mail to the chief officers of live services: a copy that no server of ours can take back."""

import logging
from collections.abc import Mapping
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from compliance.ledger_verifier import canonical
from compliance.mail import BadAddress, checked_address
from compliance.mail_relay import Outcome, Relay
from compliance.models import Account, Service
from compliance.models.officer import OfficerAppointment

log = logging.getLogger(__name__)


def send(checkpoint: Mapping[str, Any], *, now: datetime) -> int:
    """Mail a checkpoint and return how many mails were accepted; a relay that refuses is no fault of the ledger."""
    relay = Relay()
    try:
        return sum(_mailed(relay, officer, checkpoint, now) for officer in _officers())
    finally:
        relay.close()


def _officers() -> list[Account]:
    running = OfficerAppointment.objects.filter(
        role=OfficerAppointment.Role.CHIEF_OFFICER,
        ended_on=None,
        service__state=Service.State.LIVE,
    )
    mailable = Account.objects.filter(pk__in=running.values("account"), is_active=True)
    return list(mailable.exclude(email=None).order_by("pk"))


def _mailed(relay: Relay, officer: Account, checkpoint: Mapping[str, Any], now: datetime) -> bool:
    try:
        to = checked_address(officer.email)
    except BadAddress:
        return False
    reply = relay.send(
        f"privacy@{settings.MAIL_DOMAIN}", to, _message(to, officer, checkpoint, now)
    )
    if reply.outcome is not Outcome.ACCEPTED:
        log.error("a checkpoint was not mailed: %s", reply.reason)
    return reply.outcome is Outcome.ACCEPTED


def _message(to: str, officer: Account, checkpoint: Mapping[str, Any], now: datetime) -> bytes:
    message = EmailMessage(policy=SMTP)
    with override(officer.language):
        message.set_content(_words(checkpoint), subtype="plain", charset="utf-8", cte="8bit")
        message["Subject"] = _("Signed checkpoint of the ledger")
    message["From"] = Address("", "privacy", settings.MAIL_DOMAIN)
    message["To"] = to
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain=settings.MAIL_DOMAIN)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834
    message["Content-Language"] = officer.language
    return message.as_bytes(policy=SMTP)


def _words(checkpoint: Mapping[str, Any]) -> str:
    return "\n".join(
        [
            _("Please keep this message. You do not have to do anything now."),
            "",
            _("If anybody ever rewrites or shortens the ledger, this message proves it."),
            _("It names the newest entry of the ledger at the time of sending:"),
            "",
            _("Number: %(seq)s") % checkpoint,
            _("Hash: %(hash)s") % checkpoint,
            _("Time: %(at)s") % checkpoint,
            _("Key: %(key)s") % checkpoint,
            _("Signature: %(signature)s") % checkpoint,
            "",
            _("To check, save the next line as a file and follow docs/ledger.md:"),
            "",
            canonical(dict(checkpoint)),
            "",
        ]
    )
