"""Checks of single values of an import: what may be in a cell, and the one spelling it is kept in.

Every check returns the value to keep and raises `ValueRefused` with a code. Nothing that it finds
is repeated in a reason. Sources: RFC 5321 and 5322 (addresses), RFC 5890 (names of hosts), E.164
(telephone numbers), ISO/IEC 7812-1 (card numbers), PCI DSS 3.3 (a card's code is never kept).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from compliance.rules.calendar import start_of_day

EMAIL_ITEMS = frozenset({"email", "receiver_email"})
PHONE_ITEMS = frozenset({"phone", "mobile"})
DATE_ITEMS = frozenset({"date_of_birth"})
CARD_ITEMS = frozenset({"credit_card_number"})
LONG_CATEGORIES = frozenset({"communication", "record", "transaction", "usage"})
LENGTH, ADDRESS_LENGTH, LONG_LENGTH = 200, 500, 10_000
REFERENCE_LENGTH = 120
OLDEST_BIRTH = date(1900, 1, 1)

LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
HOST_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
PHONE = re.compile(r"\+?[0-9]{7,15}")
PHONE_GAPS = re.compile(r"[\s().\-/]")
DAY = re.compile(r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})\.?")
LAST_FOUR = re.compile(r"[*•xX\s-]{0,24}([0-9]{4})")
CARD_TOKEN = re.compile(r"tok_[A-Za-z0-9_-]{4,64}")
DIGIT_GROUPS = re.compile(r"[0-9]+(?:[ .\-_/][0-9]+)*")
CARD_CODE = re.compile(
    r"(?<![a-z])(cvv2?|cvc2?|card (security|verification) code)[\s:=#]{0,4}\d{3,4}(?!\d)", re.I
)
DIRECTION_SIGNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
LINE_SIGNS = frozenset("\n\r\t")


class ValueRefused(Exception):
    """A value that cannot be kept: a code and its parameters, never the value."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params: Mapping[str, Any] = MappingProxyType(params)


def clean(item: str, text: str, *, category: str = "", today: date | None = None) -> str:
    """The value of an item as it is kept, from the text of a cell.

    Example: `clean("mobile", "010-1234-5678")` is `"01012345678"`.
    """
    is_long = category in LONG_CATEGORIES
    value = plain(text, limit=_limit(item, is_long=is_long), multiline=is_long)
    if item in CARD_ITEMS:
        return card_reference(value)
    refuse_card_data(value, is_phone=item in PHONE_ITEMS)
    if item in EMAIL_ITEMS:
        return email(value)
    if item in PHONE_ITEMS:
        return phone(value)
    return birth_date(value, today) if item in DATE_ITEMS else value


def plain(text: str, *, limit: int = LENGTH, multiline: bool = False) -> str:
    """Text without outer spaces, in composed form, without control or direction signs."""
    if any(_is_control(sign, multiline=multiline) for sign in text):
        raise ValueRefused("control_character")
    if any(sign in DIRECTION_SIGNS for sign in text):
        raise ValueRefused("direction_character")
    value = unicodedata.normalize("NFC", text).strip()
    if len(value) > limit:
        raise ValueRefused("too_long", limit=limit)
    return value


def _is_control(sign: str, *, multiline: bool) -> bool:
    if multiline and sign in LINE_SIGNS:
        return False
    return sign < " " or "\x7f" <= sign <= "\x9f" or "\ud800" <= sign <= "\udfff"


def _limit(item: str, *, is_long: bool) -> int:
    if "address" in item and item not in EMAIL_ITEMS and item != "ip_address":
        return ADDRESS_LENGTH
    return LONG_LENGTH if is_long else LENGTH


def reference(text: str) -> str:
    """A reference of another system, such as an order number; no card data."""
    value = plain(text, limit=REFERENCE_LENGTH)
    refuse_card_data(value)
    return value


def email(text: str) -> str:
    """An e-mail address with its host in ASCII and small letters.

    Example: `kim@bücher.example` becomes `kim@xn--bcher-kva.example`.
    """
    local, at, host = text.rpartition("@")
    ascii_host = _ascii_host(host)
    if not at or not LOCAL_PART.fullmatch(local) or not ascii_host:
        raise ValueRefused("email_syntax")
    if len(local) > 64 or len(local) + 1 + len(ascii_host) > 254:
        raise ValueRefused("email_syntax")
    return f"{local}@{ascii_host}"


def _ascii_host(host: str) -> str:
    try:
        name = host.encode("idna").decode().lower()
    except UnicodeError:
        return ""
    labels = name.split(".")
    sound = len(labels) > 1 and all(HOST_LABEL.fullmatch(label) for label in labels)
    return name if sound and len(labels[-1]) > 1 and not labels[-1].isdigit() else ""


def phone(text: str) -> str:
    """A telephone number as its digits, with a leading plus where there is one."""
    value = PHONE_GAPS.sub("", unicodedata.normalize("NFKC", text))
    if not PHONE.fullmatch(value):
        raise ValueRefused("phone_syntax")
    return value


def birth_date(text: str, today: date | None = None) -> str:
    """A date of birth as an ISO date, not before 1900 and not in the future."""
    born = day(text)
    if born < OLDEST_BIRTH:
        raise ValueRefused("date_too_old")
    if today is not None and born > today:
        raise ValueRefused("date_in_future")
    return born.isoformat()


def day(text: str) -> date:
    """A calendar day such as `2026-11-23`, `2026/11/23` or `2026.11.23`."""
    found = DAY.fullmatch(text.strip())
    if not found:
        raise ValueRefused("date_syntax")
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise ValueRefused("date_syntax") from None


def moment(text: str, zone: str, *, now: datetime | None = None) -> datetime:
    """A moment in UTC: an ISO moment, local where it names no offset, or a local day from 00:00.

    With `now`, a later moment is refused; the day of `now` itself is not.
    Example: `2026-11-23` in Seoul is 22 November 2026, 15:00 UTC.
    """
    found = _moment(text.strip(), zone)
    if not 1900 <= found.year <= 9000:
        raise ValueRefused("date_too_old" if found.year < 1900 else "date_in_future")
    if now is not None and found > now + timedelta(minutes=5):
        raise ValueRefused("date_in_future")
    return found


def _moment(text: str, zone: str) -> datetime:
    try:
        if DAY.fullmatch(text):
            return start_of_day(day(text), zone)
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueRefused("date_syntax") from None


def card_reference(text: str) -> str:
    """What may be kept of a card: its last four digits, or the token of the payment service.

    Example: `**** **** **** 4242` becomes `4242`.
    """
    last_four = LAST_FOUR.fullmatch(text)
    if last_four:
        return last_four[1]
    if CARD_TOKEN.fullmatch(text):
        return text
    raise ValueRefused("card_number_full" if holds_card_number(text) else "card_reference_syntax")


def refuse_card_data(text: str, *, is_phone: bool = False) -> None:
    """Refuse a text that holds a full card number or a card's code."""
    if holds_card_code(text):
        raise ValueRefused("card_code")
    if not (is_phone and text.startswith("+")) and holds_card_number(text):
        raise ValueRefused("card_number_full")


def holds_card_code(text: str) -> bool:
    """Whether a text tells a card's code. Example: `CVV: 123`."""
    return CARD_CODE.search(_digits_as_ascii(text)) is not None


def holds_card_number(text: str) -> bool:
    """Whether a text holds a full card number, also in groups or in digits of another script.

    Example: `card 4111 1111 1111 1111` does, `order 4111111111111112` does not.
    """
    if sum(sign.isdigit() for sign in text) < 13:
        return False
    return any(_is_card(run) for run in _runs(_digits_as_ascii(text)))


def _runs(text: str) -> list[str]:
    """All joined neighbours of groups of digits that are as long as a card number."""
    found = []
    for match in DIGIT_GROUPS.finditer(text):
        groups = re.split(r"[ .\-_/]", match.group())
        for start in range(len(groups)):
            joined = ""
            for group in groups[start : start + 6]:
                joined += group
                if 13 <= len(joined) <= 19:
                    found.append(joined)
    return found


def _is_card(digits: str) -> bool:
    return _brand_length(digits) and luhn(digits)


def _brand_length(digits: str) -> bool:
    size, two, four = len(digits), int(digits[:2]), int(digits[:4])
    if digits[0] == "4":
        return size in (13, 16, 19)
    if two in (34, 37):
        return size == 15
    if two in (36, 38, 39) or 3000 <= four <= 3059:
        return size in (14, 16)
    if 3528 <= four <= 3589 or two in (60, 62, 64, 65):
        return 16 <= size <= 19
    if 51 <= two <= 55 or 2221 <= four <= 2720 or two in (94, 97):
        return size == 16
    return 50 <= two <= 69 and size >= 16


def luhn(digits: str) -> bool:
    """Whether the check digit fits (ISO/IEC 7812-1, annex B). Example: `4111111111111111`."""
    total = 0
    for place, sign in enumerate(reversed(digits)):
        doubled = int(sign) * (2 if place % 2 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def _digits_as_ascii(text: str) -> str:
    if text.isascii():
        return text
    shown = (sign for sign in text if unicodedata.category(sign) != "Cf")
    return "".join(_ascii_sign(sign) for sign in unicodedata.normalize("NFKC", "".join(shown)))


def _ascii_sign(sign: str) -> str:
    if unicodedata.category(sign) == "Nd":
        return str(unicodedata.decimal(sign))
    return "-" if unicodedata.category(sign) == "Pd" else sign
