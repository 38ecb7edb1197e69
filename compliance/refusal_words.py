"""Why a step on the way of a policy version was refused, in words."""

from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from compliance.actions.policy_version import TransitionRefused
from compliance.models import PolicyVersion

REFUSALS: dict[str, Any] = {
    "changed_since_shown": _(
        "This version was changed after you opened the page. Read it again before you approve it."
    ),
    "day_not_reached": _("The day on which this version takes effect has not come yet."),
    "holding_unannounced": _(
        "The text does not say what is kept of people who leave: %(rules)s. Tie each of these rules to "
        "a clause with a text, and name that clause in every text that is ready."
    ),
    "no_day": _("No day is set on which this version takes effect."),
    "not_later": _("Choose a day after the announced one: people were given the time until then."),
    "nothing_changed": _(
        "This draft says the same as the policy in force. Change something first."
    ),
    "nothing_in_force": _(
        "No policy is in force for this service yet, so there is nothing to compare with."
    ),
    "own_version": _(
        "You wrote or handed in this version yourself. Another officer has to approve it."
    ),
    "problems_left": _(
        "The rows of this draft still have problems. They are listed on the check page."
    ),
    "question_unclear": _(
        "People are asked about these recipients, so name purposes, items and a period first: %(rows)s."
    ),
    "row_unknown": _("This row is not part of this version."),
    "wrong_state": _("This step is not possible any more: the version is now “%(state)s”."),
}
TOO_SOON: dict[str, Any] = {
    "general": _(
        "Too soon. A general change announced today can take effect on %(day)s at the earliest."
    ),
    "important": _(
        "Too soon. An important change announced today can take effect on %(day)s at the earliest."
    ),
}


def sentence(refusal: TransitionRefused) -> str:
    """Return the reason of a refusal as a sentence that says what to do."""
    params = dict(refusal.params)
    if refusal.reason == "too_soon":
        day = date_format(params["earliest"], "DATE_FORMAT")
        return str(TOO_SOON[params["change_class"]]) % {"day": day}
    if "state" in params:
        params["state"] = PolicyVersion.State(params["state"]).label
    return str(REFUSALS[refusal.reason]) % params
