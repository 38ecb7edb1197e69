"""The mailbox of the demo: every message that the back office sent, as its reader would see it."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

PER_PAGE, LONGEST_NAME = 50, 200
# The HTML of a mail runs no script, sends no form and loads nothing, whatever it says.
HTML_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


@require_GET
def mail_list(request: HttpRequest) -> HttpResponse:
    """Show the messages, newest first; ``?to=`` narrows them to a recipient."""
    wanted = request.GET.get("to", "").strip().lower()
    names = sorted((file.name for file in settings.MAIL_BOX_DIR.glob("*.eml")), reverse=True)
    found = [name for name in names if wanted in name.lower()]
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = [{"name": name, "message": _message(name)} for name in page]
    return render(request, "demo/mail_list.html", {"rows": rows, "page": page, "wanted": wanted})


@require_GET
def mail_detail(request: HttpRequest, name: str) -> HttpResponse:
    """Show the headers and the text part of one message."""
    message = _message(name)
    context = {
        "name": name,
        "message": message,
        "headers": list(message.items()),
        "text": _part(message, "plain"),
        "has_html": bool(_part(message, "html")),
    }
    return render(request, "demo/mail_detail.html", context)


@require_GET
def mail_html(request: HttpRequest, name: str) -> HttpResponse:
    """Give the HTML part of one message as it is, locked into a sandbox."""
    html = _part(_message(name), "html")
    if not html:
        raise Http404
    return HttpResponse(html, headers={"Content-Security-Policy": HTML_POLICY})


def _message(name: str) -> EmailMessage:
    file: Path = settings.MAIL_BOX_DIR / name
    if len(name) > LONGEST_NAME or file.suffix != ".eml" or file.parent != settings.MAIL_BOX_DIR:
        raise Http404
    if not file.is_file():
        raise Http404
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)  # nosec B101  # the default policy makes no other kind
    return message


def _part(message: EmailMessage, subtype: str) -> str:
    body = message.get_body(preferencelist=(subtype,))
    return str(body.get_content()) if body else ""
