"""Two texts side by side: clause by clause, word by word, and nothing of either text is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.rules.text_diff import ADDED, CHANGED, REMOVED, SAME, Piece, compare

OLD = """# Privacy policy

Opening words.

## 1 What we collect

We collect your name and **e-mail** address.

## 2 How long

We keep it for 6 months.

## 3 Links

See [their site](https://shop.example).
"""
NEW = """# Privacy policy

Opening words.

## 1 What we collect

We collect your name and *e-mail* address.

## 2 How long we keep it

We keep it for 12 months.

## 4 Children

Nobody under 14 joins.
"""


def kinds(old, new):
    return [(section.heading, section.kind) for section in compare(old, new)]


def joined(pieces):
    return "".join(piece.text for piece in pieces)


@pytest.mark.promise("MIK-20a")
def test_each_clause_says_whether_it_is_new_gone_changed_or_the_same():
    assert kinds(OLD, NEW) == [
        ("", SAME),
        ("1 What we collect", SAME),
        ("2 How long we keep it", CHANGED),
        ("4 Children", ADDED),
        ("3 Links", REMOVED),
    ]


def test_within_a_clause_only_the_words_that_differ_are_marked():
    changed = compare(OLD, NEW)[2]
    assert [piece for piece in changed.before if piece.kind != SAME] == [Piece("6 ", REMOVED)]
    assert [piece for piece in changed.after if piece.kind != SAME] == [Piece("12 ", ADDED)]
    assert changed.heading_before == "2 How long"


def test_marks_of_markdown_are_not_words_and_links_show_where_they_lead():
    gone = compare(OLD, NEW)[4]
    assert joined(gone.before) == "See their site (https://shop.example)."


def test_a_removed_clause_stands_where_it_stood():
    old = "## 1 A\na\n## 2 B\nb\n## 3 C\nc"
    assert kinds(old, "## 1 A\na\n## 3 C\nc") == [("1 A", SAME), ("2 B", REMOVED), ("3 C", SAME)]


def test_clauses_that_changed_places_are_the_same_clauses():
    old = "## 1 A\na\n## 2 B\nb\n## 3 C\nc"
    assert sorted(kinds(old, "## 3 C\nc\n## 1 A\na\n## 2 B\nb")) == [
        ("1 A", SAME),
        ("2 B", SAME),
        ("3 C", SAME),
    ]


def test_two_clauses_of_one_name_are_two():
    old = "## Notes\none\n## Notes\ntwo"
    assert kinds(old, "## Notes\none\n## Notes\nthree") == [("Notes", SAME), ("Notes", CHANGED)]


def test_a_very_long_clause_is_compared_by_lines():
    old = "## 1 A\n" + "\n".join(f"line {n} of many" for n in range(600))
    changed = compare(old, old.replace("line 7 of", "line seven of"))[0]
    assert [piece.text for piece in changed.after if piece.kind == ADDED] == [
        "line seven of many\n"
    ]


WORDS = st.lists(
    st.sampled_from(["## 1 A", "## 2 B", "## 3", "## Notes", "one", "two", "three", ""])
).map("\n".join)


@given(WORDS, WORDS)
def test_nothing_is_lost_or_invented(old, new):
    sections = compare(old, new)
    for text, side, absent in ((old, "before", ADDED), (new, "after", REMOVED)):
        shown = [joined(getattr(one, side)) for one in sections if one.kind != absent]
        words = [line for line in text.split("\n") if not line.startswith("## ")]
        assert sorted(" ".join(shown).split()) == sorted(" ".join(words).split())


@given(WORDS)
def test_a_text_against_itself_shows_no_change(text):
    assert {section.kind for section in compare(text, text)} <= {SAME}
