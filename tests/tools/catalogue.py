"""Bring the message catalogues up to date with the source: ``python -m tests.tools.catalogue``.

Translations are kept, new messages come in empty, messages that nobody says any more go.
"""

import argparse
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import polib

from tests.tools import messages, source
from tests.tools.messages import Message

LANGUAGES = ("ko", "id")
PERCENT = re.compile(r"%\(\w+\)[a-z]|%[sd]")
BRACE = re.compile(r"\{\w*\}")
# Neither Korean nor Indonesian has forms of the plural.
HEADER = {
    "Project-Id-Version": "Privacy Back Office",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}


def path(language: str) -> Path:
    """Return the catalogue of a language."""
    return source.ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def collected() -> dict[Message, list[str]]:
    """Return every message that the house says, each with the files that say it.

    A text that is said with and without a plural is one message, with the plural.
    """
    found: dict[tuple[str, str], tuple[Message, set[str]]] = {}
    for message, file in _said():
        key = (message.context, message.text)
        known, files = found.get(key, (message, set()))
        found[key] = (known if known.plural else message, files | {file})
    return {message: sorted(files) for message, files in found.values()}


def _said() -> Iterator[tuple[Message, str]]:
    for file in source.files():
        yield from _of(file, messages.in_python(file))
    for suffix in (".html", ".txt"):
        for file in source.files("templates", suffix=suffix):
            yield from _of(file, messages.in_template(file.read_text()))
    for file in messages.PRESETS:
        yield from _of(file, messages.in_preset(file.read_text()))


def _of(file: Path, found: Iterator[Message]) -> Iterator[tuple[Message, str]]:
    name = str(file.relative_to(source.ROOT))
    return ((message, name) for message in found if message.text.strip())


def merged(language: str, wanted: dict[Message, list[str]]) -> polib.POFile:
    """Return the catalogue of a language with exactly the wanted messages, sorted."""
    file = path(language)
    old = polib.pofile(str(file)) if file.exists() else polib.POFile()
    known = {(entry.msgctxt or "", entry.msgid): entry for entry in old}
    fresh = polib.POFile(wrapwidth=100)
    fresh.metadata = {"Language": language, **HEADER}
    for message in sorted(wanted, key=lambda one: (one.text, one.context)):
        before = known.get((message.context, message.text))
        fresh.append(_entry(message, wanted[message], _translation(before)))
    return fresh


def _translation(before: polib.POEntry | None) -> str:
    if before is None or before.fuzzy:
        return ""
    return str(before.msgstr or before.msgstr_plural.get(0, ""))


def _entry(message: Message, files: Sequence[str], translation: str) -> polib.POEntry:
    forms = {"msgstr_plural": {0: translation}} if message.plural else {"msgstr": translation}
    return polib.POEntry(
        msgid=message.text,
        msgid_plural=message.plural,
        msgctxt=message.context or None,
        occurrences=[(file, "") for file in files],
        flags=_flags(message.text, files),
        **forms,
    )


def _flags(text: str, files: Sequence[str]) -> list[str]:
    if PERCENT.search(text):
        return ["python-format"]
    said_by_code = any(file.endswith(".py") for file in files)
    return ["python-brace-format"] if said_by_code and BRACE.search(text) else []


def update(languages: Sequence[str]) -> None:
    """Write the catalogues and say how much of each is missing."""
    wanted = collected()
    for language in languages:
        fresh = merged(language, wanted)
        path(language).parent.mkdir(parents=True, exist_ok=True)
        fresh.save(str(path(language)))
        missing = len(fresh.untranslated_entries())
        print(f"{language}: {len(fresh)} messages, {missing} without translation")


def main() -> None:
    """Bring all catalogues, or those of ``--language``, up to date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--language", action="append", choices=LANGUAGES)
    update(parser.parse_args().language or LANGUAGES)


if __name__ == "__main__":
    main()
