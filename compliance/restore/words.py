"""Why a sign-off was refused, in words that say what to do next."""

from typing import Any

from django.utils.translation import gettext_lazy as _

REFUSALS: dict[str, Any] = {
    "nothing-found": _("No database was put back: there is nothing to sign off."),
    "replay-first": _(
        "First repeat what the restored database does not know: manage.py restore replay. If that was done, "
        "a database was put back or changed since; it has to be done again."
    ),
    "tail-lost": _(
        "The tail is lost: look for its files first. If they are gone for good, add --tail-lost with the reason."
    ),
    "not-you": _("E-mail, password or code are not right."),
    "too-many-tries": _("Too many tries. Wait 15 minutes and try again."),
    "ask-first": _(
        "First another officer asks: manage.py restore sign_off --as E-MAIL. Then you sign what that shows."
    ),
    "own-request": _("You asked for it yourself, so somebody else has to sign: %(names)s."),
    "other-report": _(
        "This is not the report that there is now. Look at its figures again and sign with its number: "
        "--report %(digest)s"
    ),
    "not-alone": _("You are not the only one who may sign. Ask a colleague: %(names)s."),
    "alone-reason": _(
        "Say why in small letters and hyphens, such as: --alone only-officer-of-the-house"
    ),
    "role": _(
        "This takes an officer whose role may see the audit trail and approve destructions. Ask a colleague."
    ),
}


def refusal(reason: str, **facts: str) -> str:
    """Return the sentence of a reason code; ``facts`` are ``names`` and ``digest``."""
    return str(REFUSALS[reason]) % facts


REPEATED: dict[str, Any] = {
    "agreements": _("agreements to a version of the policy"),
    "answers": _("answers of people"),
    "case_steps": _("steps of cases"),
    "certificates": _("certificates made anew"),
    "clocks_moved": _("last days moved to the version in force"),
    "copies_removed_archive": _("stale copies removed from the archive"),
    "digests_lifted": _("digests of leavers lifted"),
    "holds_lifted": _("holds lifted"),
    "holds_placed": _("holds placed"),
    "index_rows_destroyed": _("index rows destroyed"),
    "keys_destroyed": _("keys destroyed"),
    "mail_sent_already": _("messages noted as sent"),
    "paper_steps": _("steps of the paper register"),
    "people_brought_back": _("people brought back from separate storage"),
    "people_gone": _("people of whom nothing is left"),
    "people_set_apart": _("people moved to separate storage"),
    "people_withdrawn": _("people who left"),
    "records_destroyed_archive": _("records destroyed in the archive"),
    "records_destroyed_default": _("records destroyed in the main database"),
    "records_set_apart": _("records set apart by law"),
    "versions_in_effect": _("versions put into effect"),
}


def words_of(code: str) -> str:
    """Return what was repeated, in words; the code itself where there are none."""
    return str(REPEATED.get(code, code))
