"""Every word that a person reads is marked for translation, and translated into every language."""

from pathlib import Path

import polib
import pytest

from tests.tools import catalogue, messages, source

TEMPLATES = [*source.files("templates", suffix=".html"), *source.files("templates", suffix=".txt")]
LANGUAGES = ("ko", "id")
# Names and codes that are the same in every language.
SAME_EVERYWHERE = {"Privacy Back Office", "CSV", "XLSX", "JSON", "UTC", "TOTP", "Atom"}
SAME_EVERYWHERE |= {"English", "한국어", "Bahasa Indonesia"}


def name_of(file: Path) -> str:
    return str(file.relative_to(source.ROOT))


@pytest.mark.parametrize("file", TEMPLATES, ids=name_of)
def test_a_template_says_nothing_that_is_not_marked_for_translation(file):
    found = messages.unmarked(file.read_text(), html=file.suffix == ".html")
    assert [words for words in found if words not in SAME_EVERYWHERE] == []


def everything_said() -> set[tuple[str, str]]:
    return {(message.context, message.text) for message in catalogue.collected()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_said_is_translated(language):
    entries = polib.pofile(str(catalogue.path(language))).translated_entries()
    known = {(entry.msgctxt or "", entry.msgid) for entry in entries}
    assert sorted(everything_said() - known) == []


def test_marked_words_are_found_in_all_their_forms():
    text = """{% load i18n %}{% translate "One" %}{% trans 'Two' as x %}<a title="{% translate "Three" %}">
    {% blocktranslate trimmed with n=person.name %}
      Four {{ n }}
      and 5 %
    {% endblocktranslate %}{{ _("Six") }}{% blocktranslate count c=c %}a{% plural %}b{% endblocktranslate %}</a>"""
    expected = ["One", "Two", "Three", "Four %(n)s and 5 %%", "Six", "a"]
    found = list(messages.in_template(text))
    assert [message.text for message in found] == expected
    assert found[-1].plural == "b"
    assert messages.unmarked(text, html=True) == []


def test_unmarked_words_are_found_in_text_and_attributes():
    text = (
        """<p>{% if x %}Hello{% endif %} {{ name }}</p><img alt="Cat"><script>a</script>{# no #}"""
    )
    assert messages.unmarked(text, html=True) == ["Hello", "alt=Cat"]
    assert messages.unmarked("Dear {{ name }},\n-- \n", html=False) == ["Dear  ,"]
