"""What the frame of the people's pages needs: the same page in the other languages."""

from dataclasses import dataclass
from urllib.parse import urljoin

from django import template
from django.conf import settings
from django.template.context import Context
from django.urls import translate_url
from django.utils.translation import get_language, get_language_info

register = template.Library()


@dataclass(frozen=True)
class PageLink:
    """The same page in one language; ``name`` is the language's own name for itself."""

    code: str
    name: str
    url: str
    absolute: str
    is_current: bool


def _own_name(code: str) -> str:
    name = str(get_language_info(code)["name_local"])
    return name[:1].upper() + name[1:]


@register.simple_tag(takes_context=True)
def same_page_links(context: Context) -> list[PageLink]:
    """Return a link to this page in every language of the house; none where no request is known.

    The full addresses begin with ours, whatever host the request claims to be for.
    """
    request = context.get("request")
    if request is None:
        return []
    here, current = request.get_full_path(), get_language()
    return [
        PageLink(
            code=code,
            name=_own_name(code),
            url=(url := translate_url(here, code)),
            absolute=urljoin(settings.SITE_URL, url),
            is_current=code == current,
        )
        for code, _ in settings.LANGUAGES
    ]
