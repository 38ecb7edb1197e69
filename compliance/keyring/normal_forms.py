"""The one spelling under which a value is indexed, so that searches find what people typed differently."""

import re
import unicodedata

PHONES = frozenset({"phone", "mobile"})
CASE_MATTERS = frozenset({"ci", "di"})
COUNTRY_CODES = ("82", "62")  # Korea, Indonesia: both dial 0 at home.
HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")


def normalise(field: str, value: str) -> str:
    """Return the indexed spelling of a value.

    Telephone numbers become home digits, names lose width and case variants, e-mail addresses and order numbers
    their case and spaces; CI and DI stay as they are. Example: ``normalise("phone", "+82 10-1234-5678")`` is
    ``"01012345678"``.
    """
    text = unicodedata.normalize("NFKC", str(value)).strip()
    if field in CASE_MATTERS:
        return text
    if field in PHONES:
        return _phone(text)
    if field == "name":
        return _name(text)
    return re.sub(r"\s+", "", text.casefold())


def _phone(text: str) -> str:
    abroad = text.startswith(("+", "00"))
    digits = re.sub(r"[^0-9]", "", text)
    digits = digits[2:] if text.startswith("00") else digits
    home = not abroad and digits.startswith("0")
    for code in COUNTRY_CODES:
        if not home and digits.startswith(code) and (abroad or len(digits) >= 11):
            return "0" + digits[len(code) :].removeprefix("0")
    return f"+{digits}" if abroad and digits else digits


def _name(text: str) -> str:
    between = "" if HANGUL.search(text) else " "
    return between.join(text.casefold().split())
