"""How an answer will look before it leaves: the same message by the same means, sent to nobody."""

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from uuid import UUID

from members import emails
from members.actions import enquiry_mail
from members.gate import policy_for
from members.models import Delivery, RightsRequest

NOBODY = "nobody@mail.invalid"
NO_NUMBER = UUID(int=0)


@dataclass(frozen=True)
class Letter:
    """Subject, text part and language of the message."""

    subject: str
    text: str
    language: str


def answer(request: RightsRequest, text: str, now: datetime) -> Letter:
    """Return the message that ``enquiry.answer`` would send with this text."""
    language = enquiry_mail.language(request, now)
    row = Delivery(
        id=NO_NUMBER,
        event=enquiry_mail.ANSWERED,
        service=request.service,
        language=language,
        created_at=now,
    )
    policy = policy_for(request.service, now)
    figures = enquiry_mail.figures(request, enquiry_mail.answer_figures(request, text, now))
    form = emails.personal_form(row, figures, policy=policy)
    raw = form.fill(to=NOBODY, message_id="<0@mail.invalid>", sent_at=now, blanks={})
    message = message_from_bytes(raw, policy=default)
    body = message.get_body(("plain",))
    shown = body.get_content() if isinstance(body, EmailMessage) else ""
    return Letter(str(message["Subject"]), shown, language)
