"""The words of an import: why something is refused, in the language of whoever reads it."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

WORDS: dict[str, Any] = {
    "already_in_use": _("this belongs to somebody else here already"),
    "answer_unknown": _("write agreed, disagreed or withdrawn"),
    "apart_values_closed": _(
        "this record is kept apart: only its dates may be completed, never what it says"
    ),
    "being_imported": _("another import that is running has this person"),
    "below_age": _("under %(age)s: a legal representative has to agree first"),
    "card_code": _("the code of a card is never kept"),
    "card_code_column": _("the code of a card is never kept: take this column out"),
    "card_number_full": _("a full card number is never kept: only the last four digits or a token"),
    "card_reference_syntax": _(
        "of a card only the last four digits or a token (tok_…) may be given"
    ),
    "cell_count": _("%(found)s cells, but the header has %(wanted)s"),
    "cell_too_long": _("a cell near line %(line)s is too long"),
    "class_unknown": _("the policy knows no such record class"),
    "column_doubled": _("this column is there twice"),
    "column_missing": _("this column is missing"),
    "column_unnamed": _("a column has no name"),
    "consent_channel_unknown": _("the policy does not ask about this purpose for this channel"),
    "consent_purpose_unknown": _("the policy does not ask people about this purpose"),
    "control_character": _("there is an invisible control character in it"),
    "date_in_future": _("this lies in the future"),
    "date_syntax": _("write the date like 2026-11-23"),
    "date_too_old": _("this lies before 1900"),
    "direction_character": _(
        "there is an invisible character in it that turns the direction of writing"
    ),
    "email_syntax": _("this is no e-mail address"),
    "encoding_unknown": _("the file is neither UTF-8 nor CP949: save it as “CSV UTF-8”"),
    "file_empty": _("the file is empty"),
    "no_rows": _("the file has a header and no rows under it: add one row for each entry"),
    "file_too_large": _("the file is larger than %(limit_mb)s MB: split it"),
    "item_comes_as_event": _(
        "this is not a detail of a person but something that happened: import it as an event"
    ),
    "item_not_for_kind": _("the policy does not list this for this kind of person"),
    "item_not_in_class": _("this does not belong to the record class of the row"),
    "item_not_listed": _("the policy does not list this, so it may not be kept"),
    "item_without_purpose": _("the policy gives no purpose for this, so it may not be kept"),
    "json_broken": _("line %(line)s is not a JSON object"),
    "kind_differs": _("this person is here as another kind"),
    "kind_unknown": _("the policy knows no such kind of person"),
    "language_unknown": _("write en, ko or id"),
    "member_differs": _("an earlier row with this reference names somebody else"),
    "member_not_unique": _("several people match this"),
    "member_unknown": _("nobody here has this number, login ID or e-mail address"),
    "never_collect": _("information of this kind (%(category)s) is never registered"),
    "nothing_given": _("the row holds nothing about the person"),
    "password_column": _(
        "passwords are not taken over: people sign in by a code, take this column out"
    ),
    "person_kept_apart": _("this person has left or is dormant and is kept apart"),
    "person_dormant": _(
        "this person is dormant and kept apart, and this is not later than their last use: "
        "let them sign in again first, then import this once more"
    ),
    "person_withdrawn": _("this person has left: nothing new is kept about them"),
    "phone_syntax": _("this is no telephone number"),
    "quotes_broken": _("a quotation mark near line %(line)s is not closed or not doubled"),
    "rejoin_hold": _("this person left and may not join again yet"),
    "repeated_in_file": _("another row of this file has the same"),
    "required_missing": _("this is required"),
    "spreadsheet_file": _(
        "this spreadsheet is in an old format or has a password: save it as XLSX without one, "
        "or as “CSV UTF-8”"
    ),
    "too_long": _("longer than %(limit)s characters"),
    "too_many_columns": _("more than %(limit)s columns"),
    "too_many_rows": _("more than %(limit)s rows: split the file"),
    "used_before_joining": _("last used before joining"),
    "workbook_broken": _(
        "this spreadsheet cannot be read: save it as XLSX once more, or as “CSV UTF-8”"
    ),
    "workbook_crowded": _(
        "this spreadsheet holds too much besides its cells: copy only the values"
    ),
    "workbook_entries": _("this spreadsheet has more than %(limit)s parts: copy only the values"),
    "workbook_formula": _(
        "cell %(cell)s holds a formula or an error: put its result there as a value"
    ),
    "workbook_links": _(
        "this spreadsheet has links to other files or sources: break the links, or copy the values"
    ),
    "workbook_macros": _("this spreadsheet has macros: save it as XLSX without macros"),
    "workbook_paths": _("this spreadsheet has parts with forbidden names: copy only the values"),
    "workbook_too_dense": _(
        "a part of this spreadsheet unpacks to more than %(limit)s times its size: "
        "save it as “CSV UTF-8”"
    ),
    "workbook_too_large": _("this spreadsheet unpacks to more than %(limit_mb)s MB: split it"),
}


def sentence(code: str, column: str = "", params: Mapping[str, Any] | None = None) -> str:
    """One reason in words, with its column in front. Example: ``email: this is no e-mail address``."""
    words = str(WORDS[code])
    text = words % dict(params) if params else words
    return f"{column}: {text}" if column else text
