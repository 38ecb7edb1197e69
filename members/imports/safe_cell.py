"""Cells that a spreadsheet would run as a formula are written as text, and come back unchanged.

Source: OWASP "CSV Injection". A cell is dangerous when its first visible character is one of
``= + - @``, also after spaces and in full-width form, or when it begins with TAB, CR, LF or NUL.
"""

import unicodedata

MARK = "'"
FORMULA_STARTS = frozenset("=+-@\u2212")
CONTROL_STARTS = frozenset("\t\r\n\0")
INVISIBLE = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})


def safe_cell(value: object) -> str:
    """Return the text of a cell for a file. Example: ``=1+1`` becomes ``'=1+1``."""
    text = "" if value is None else str(value)
    return MARK + text if _needs_mark(text) else text


def unsafe_cell(text: str) -> str:
    """Undo ``safe_cell``. Example: ``'=1+1`` becomes ``=1+1``; ``'tis`` stays."""
    marked = text.startswith(MARK) and _needs_mark(text[1:])
    return text[1:] if marked else text


def _needs_mark(text: str) -> bool:
    if not text:
        return False
    if text[0] == MARK or text[0] in CONTROL_STARTS:
        return True
    return _first_visible(text) in FORMULA_STARTS


def _first_visible(text: str) -> str:
    for sign in text:
        if unicodedata.category(sign) not in INVISIBLE:
            return unicodedata.normalize("NFKC", sign)[:1]
    return ""
