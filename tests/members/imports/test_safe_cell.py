"""Exported cells are text for every spreadsheet, and come back as they were."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from members.imports.safe_cell import safe_cell, unsafe_cell

STARTS = [
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "\0",
    "＝",
    "＋",
    "－",
    "＠",
    "﹢",
    "﹣",
    "﹦",
    "﹫",
    "⁺",
]


@pytest.mark.parametrize("space", ["", " ", "  ", "\u3000", "\u00a0", "\u200b", "\ufeff"])
@pytest.mark.parametrize("start", STARTS)
def test_every_dangerous_start_is_marked(space, start):
    text = f"{space}{start}1+1"
    if start in "\t\r\n\0" and space:
        text = f"{space}{start}=1"
    assert safe_cell(text) == f"'{text}"
    assert unsafe_cell(safe_cell(text)) == text


@pytest.mark.parametrize("text", ["", "김민수", "1+1", "a=b", "kim@example.com", "'tis", "''"])
def test_harmless_cells_come_back(text):
    assert unsafe_cell(safe_cell(text)) == text


def test_nothing_is_an_empty_cell_and_numbers_are_text():
    assert (safe_cell(None), safe_cell(5), safe_cell(-5)) == ("", "5", "'-5")


@settings(max_examples=2_000, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=12) | st.from_regex(r"^['\s]*[=+@-].*"))
def test_any_cell_comes_back_and_none_is_a_formula(text):
    cell = safe_cell(text)
    assert unsafe_cell(cell) == text
    first = unicodedata.normalize("NFKC", cell.lstrip() or "x")[0]
    assert first not in "=+-@"
    assert cell[:1] not in tuple("\t\r\n\0")
