"""Every word that a person reads is marked for translation, and translated into every language."""

from collections.abc import Iterator
from pathlib import Path

import polib
import pytest

from tests.tools import messages, source

TEMPLATES = [*source.files("templates", suffix=".html"), *source.files("templates", suffix=".txt")]
LANGUAGES = ("ko", "id")
# Names and codes that are the same in every language.
SAME_EVERYWHERE = {"Privacy Back Office", "CSV", "JSON", "UTC", "TOTP", "Atom"}
SAME_EVERYWHERE |= {"English", "한국어", "Bahasa Indonesia"}


def name_of(file: Path) -> str:
    return str(file.relative_to(source.ROOT))


@pytest.mark.parametrize("file", TEMPLATES, ids=name_of)
def test_a_template_says_nothing_that_is_not_marked_for_translation(file):
    found = messages.unmarked(file.read_text(), html=file.suffix == ".html")
    assert [words for words in found if words not in SAME_EVERYWHERE] == []


def everything_said() -> Iterator[str]:
    for file in source.files():
        yield from messages.in_python(file)
    for file in TEMPLATES:
        yield from messages.in_template(file.read_text())


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_said_is_translated(language):
    catalogue = source.ROOT / "locale" / language / "LC_MESSAGES" / "django.po"
    if not catalogue.exists():
        pytest.skip(f"there is no {language} catalogue yet")
    known = {entry.msgid for entry in polib.pofile(str(catalogue)).translated_entries()}
    missing = {said for said in everything_said() if said.strip()} - known
    assert sorted(missing) == []


def test_marked_words_are_found_in_all_their_forms():
    text = """{% load i18n %}{% translate "One" %}{% trans 'Two' as x %}<a title="{% translate "Three" %}">
    {% blocktranslate trimmed with n=person.name %}
      Four {{ n }}
      and 5 %
    {% endblocktranslate %}{{ _("Six") }}{% blocktranslate count c=c %}a{% plural %}b{% endblocktranslate %}</a>"""
    expected = ["One", "Two", "Three", "Four %(n)s and 5 %%", "Six", "a", "b"]
    assert list(messages.in_template(text)) == expected
    assert messages.unmarked(text, html=True) == []


def test_unmarked_words_are_found_in_text_and_attributes():
    text = (
        """<p>{% if x %}Hello{% endif %} {{ name }}</p><img alt="Cat"><script>a</script>{# no #}"""
    )
    assert messages.unmarked(text, html=True) == ["Hello", "alt=Cat"]
    assert messages.unmarked("Dear {{ name }},\n-- \n", html=False) == ["Dear  ,"]
