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


def test_messages_of_code_are_found_under_any_name_of_gettext(tmp_path):
    code = tmp_path / "spoken.py"
    code.write_text(
        """from django.utils.translation import gettext as _now, ngettext, pgettext_lazy
said = [_now("One"), ngettext("%(n)d two", "%(n)d twos", 2), pgettext_lazy("mail", "To"), print("no")]
"""
    )
    expected = [
        messages.Message("One"),
        messages.Message("%(n)d two", "%(n)d twos"),
        messages.Message("To", context="mail"),
    ]
    assert list(messages.in_python(code)) == expected


def test_the_context_of_a_template_message_is_found():
    text = """{% translate "Kept" context "records" %}
    {% blocktranslate context "c" trimmed %} a {% endblocktranslate %}"""
    expected = [messages.Message("Kept", "", "records"), messages.Message("a", "", "c")]
    assert list(messages.in_template(text)) == expected


def test_names_of_policy_rows_are_messages():
    preset = '[[items]]\nlabel = "Name"\n[[retention]]\nlabel = "Orders"\nlaw = "An act"\n'
    assert [one.text for one in messages.in_preset(preset)] == ["Name", "Orders", "An act"]
