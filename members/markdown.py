"""Policy text (Markdown, written by officers) as HTML that cannot do more than show words."""

import markdown
import nh3
from django.utils.safestring import SafeString, mark_safe

TAGS = {
    "p", "br", "hr", "h2", "h3", "h4", "h5", "ul", "ol", "li", "strong", "em", "code", "blockquote", "a",
    "table", "thead", "tbody", "tr", "th", "td", "dl", "dt", "dd", "sup", "sub",
}  # fmt: skip
ATTRIBUTES = {"a": {"href"}, "th": {"scope"}, "h2": {"id"}, "h3": {"id"}}


def as_html(text: str) -> SafeString:
    """Return safe HTML; the first-level heading is the page's own, so the text begins at the second level."""
    body = "\n".join(line for line in text.splitlines() if not line.startswith("# "))
    raw = markdown.markdown(
        body, extensions=["tables", "def_list", "sane_lists"], output_format="html"
    )
    clean = nh3.clean(raw, tags=TAGS, attributes=ATTRIBUTES, url_schemes={"https", "mailto", "tel"})
    return mark_safe(clean)  # nosec B308 B703  # cleaned by nh3 in the line above
