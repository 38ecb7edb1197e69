"""Words of requests for people: reasons for refusing and for taking longer, and how far a request is."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from members.models import RightsRequest

REFUSALS: Mapping[str, Any] = {
    "value_is_right": _lazy("We checked it against its source: what we hold is right."),
    "not_shown_to_be_wrong": _lazy("Nothing shows that what we hold is wrong."),
    "law_keeps_it": _lazy(
        "A law wants this record kept as it was made. What you wrote is kept beside it."
    ),
    "not_held": _lazy("We do not hold this about you."),
    "identity_not_shown": _lazy("It could not be made sure that the request came from you."),
    "same_as_before": _lazy("The same request was answered before, and nothing has changed since."),
}
EXTENSIONS: Mapping[str, Any] = {
    "waits_for_proof": _lazy("We wait for a proof."),
    "waits_for_third_party": _lazy("We wait for the answer of somebody else."),
    "many_items": _lazy("It is about a great many entries."),
}
RESULTS: Mapping[str, Any] = {
    "stopped": _lazy("Done: what you named is not used any more."),
    "corrected": _lazy("Done: the value was corrected."),
    "copy": _lazy("Done: a copy of your data was made for you."),
    "withdrawn": _lazy("Done: the consents were taken back."),
    "erased": _lazy("Done: what is past its period is destroyed; the rest is listed below."),
}
State = RightsRequest.State


def refusal(code: str) -> str:
    """Say why a request was refused; empty for none."""
    return str(REFUSALS.get(code, code))


def extension(code: str) -> str:
    """Say why an answer takes longer; empty for none."""
    return str(EXTENSIONS.get(code, code))


def stage(request: RightsRequest, now: datetime) -> str:
    """Say to its person how far a request is.

    Example: ``We work on it.``
    """
    if request.state == State.WAITING:
        return _("We asked you something and wait for your reply.")
    if request.state == State.REFUSED:
        return _("Refused.")
    if request.state == State.DONE:
        return str(RESULTS.get(request.outcome.get("result", ""), _("Done.")))
    if request.due_at is not None and request.due_at < now and request.due_at > request.received_at:
        return _("We are late with it. The privacy officer has been told.")
    return _("We work on it.")
