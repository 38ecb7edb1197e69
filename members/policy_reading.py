"""The text of a policy as a reader gets it: in which language, with which contents, and which text it translates.

Source: ENG-8 (the text that counts is the one of the policy's own language; a translation is marked as one).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.urls import translate_url
from django.utils import translation
from django.utils.safestring import SafeString

from compliance.models import PolicyText, PolicyVersion
from compliance.policy_show import language_words
from members import markdown

NO_HTML = SafeString("")
ASKED = "text"  # ``?text=de`` asks for the text in a language in which the house has no pages.


@dataclass(frozen=True)
class TextLink:
    """A language in which a text exists, named in the language of the page, and where it can be read."""

    code: str
    name: str
    url: str
    is_shown: bool
    is_original: bool


@dataclass(frozen=True)
class Reading:
    """The text that is shown; no ``html`` where no text is ready, then the clauses stand in for it."""

    html: SafeString = NO_HTML
    language: str = ""
    headings: tuple[markdown.Heading, ...] = ()
    links: tuple[TextLink, ...] = ()
    wanted: str = ""

    @property
    def shown(self) -> TextLink | None:
        """Return the language of the text on the page."""
        return next((link for link in self.links if link.is_shown), None)

    @property
    def missing_language(self) -> str:
        """Name the language that was wanted and in which there is no text; empty if there is one."""
        is_there = not self.language or self.language == self.wanted
        return "" if is_there else language_words(self.wanted)

    @property
    def originals(self) -> list[TextLink]:
        """Return the texts that count, if the one on the page is a translation of them; else nothing."""
        is_translation = self.shown is not None and not self.shown.is_original
        return [link for link in self.links if link.is_original] if is_translation else []

    @property
    def others(self) -> list[TextLink]:
        """Return the languages in which the text can be read too."""
        return [link for link in self.links if not link.is_shown]


def of(version: PolicyVersion, *, path: str, asked: str = "") -> Reading:
    """Return the reading of a version: in the language asked for, else of the page, else of the policy; one query.

    ``path`` is the address of the page, from which the links to other languages are made.
    """
    ready = {row.language: row for row in version.texts.filter(ready=True)}
    page_language = translation.get_language() or ""
    wanted = asked if asked in ready else page_language
    order = (wanted, *version.policy_languages, *ready)
    shown = next((one for one in order if one in ready), "")
    if not shown:
        return Reading(wanted=wanted)
    body = ready[shown].body
    return Reading(
        html=markdown.as_html(body),
        language=shown,
        headings=markdown.contents(body),
        links=tuple(_link(code, shown, version, path) for code in _ordered(ready, version)),
        wanted=wanted,
    )


def _ordered(ready: Mapping[str, PolicyText], version: PolicyVersion) -> list[str]:
    """Languages of the texts, those that count first."""
    return list(dict.fromkeys((*(o for o in version.policy_languages if o in ready), *ready)))


def _link(code: str, shown: str, version: PolicyVersion, path: str) -> TextLink:
    has_pages = code in dict(settings.LANGUAGES)
    return TextLink(
        code=code,
        name=language_words(code),
        url=translate_url(path, code) if has_pages else f"{path}?{ASKED}={code}",
        is_shown=code == shown,
        is_original=code in version.policy_languages,
    )
