"""Find what the house says: messages marked for translation, and words that nobody marked."""

import ast
import re
import tomllib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple, TypeGuard

from django.template.base import DebugLexer, Token, TokenType
from django.utils.translation import trim_whitespace

from tests.tools import source

SINGULAR = ("_", "gettext", "gettext_lazy", "gettext_noop")
# Which argument of a call is what.
ARGUMENTS = {
    **{name: {"text": 0} for name in SINGULAR},
    **{name: {"text": 0, "plural": 1} for name in ("ngettext", "ngettext_lazy")},
    **{name: {"context": 0, "text": 1} for name in ("pgettext", "pgettext_lazy")},
    **{name: {"context": 0, "text": 1, "plural": 2} for name in ("npgettext", "npgettext_lazy")},
}
PRESETS = source.files("compliance/presets", suffix=".toml")
NAMED_ROWS = {
    "items": ("label",),
    "purposes": ("label",),
    "retention": ("label", "law"),
    "collection_methods": ("label",),
    "contacts": ("label",),
    "cookies": ("name", "refusal_effect"),
    "recipients": ("name",),
}
LETTER = re.compile(r"[^\W\d_]")
QUOTED = r"""(?:"([^"]*)"|'([^']*)')"""
TRANSLATE = re.compile(rf"^(?:translate|trans)\s+{QUOTED}")
CONTEXT = re.compile(rf"\bcontext\s+{QUOTED}")
UNDERSCORE = re.compile(rf"_\({QUOTED}\)")
BLOCK = re.compile(r"^(?:blocktranslate|blocktrans)\b")
END_BLOCK = re.compile(r"^end(?:blocktranslate|blocktrans)\b")
NAMES_OF_CLASSES = re.compile(r"^block\s+\w*class$")
SPOKEN_ATTRIBUTES = {"title", "alt", "placeholder", "aria-label", "aria-description", "label"}
SILENT_TAGS = {"script", "style", "code", "kbd", "samp"}


class Message(NamedTuple):
    """One thing to translate; ``plural`` and ``context`` are empty where there is none."""

    text: str
    plural: str = ""
    context: str = ""


def in_python(file: Path) -> Iterator[Message]:
    """Yield the messages of a Python file."""
    own_names = dict(_own_names(source.tree(file)))
    for node in ast.walk(source.tree(file)):
        name = source.called(node).rpartition(".")[2]
        name = own_names.get(name, name)
        if not isinstance(node, ast.Call) or name not in ARGUMENTS:
            continue
        words = {
            part: node.args[place].value
            for part, place in ARGUMENTS[name].items()
            if place < len(node.args) and _is_text(node.args[place])
        }
        if words.get("text"):
            yield Message(**words)


def _own_names(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield what a file calls the functions of gettext. Example: ``_now``, ``gettext``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            yield from ((one.asname, one.name) for one in node.names if one.asname)


def _is_text(argument: ast.expr) -> TypeGuard[ast.Constant]:
    return isinstance(argument, ast.Constant) and isinstance(argument.value, str)


def in_preset(text: str) -> Iterator[Message]:
    """Yield the names of the rows of a policy file that pages show in the language of the reader."""
    policy = tomllib.loads(text)
    for table, fields in NAMED_ROWS.items():
        for row in policy.get(table, ()):
            yield from (Message(row[field]) for field in fields if row.get(field))


def in_template(text: str) -> Iterator[Message]:
    """Yield the messages of a template."""
    block: _Block | None = None
    for token in DebugLexer(text).tokenize():
        words = token.contents
        if token.token_type == TokenType.BLOCK and BLOCK.match(words):
            block = _Block(words)
            yield from _inline(words)
        elif block is not None:
            if token.token_type == TokenType.BLOCK and END_BLOCK.match(words):
                yield block.message()
                block = None
            elif token.token_type != TokenType.COMMENT:
                block.add(token)
        elif token.token_type in (TokenType.BLOCK, TokenType.VAR):
            yield from _inline(words)


class _Block:
    """A ``blocktranslate`` while it is read: its singular, and its plural if it has one."""

    def __init__(self, words: str) -> None:
        self.trimmed = "trimmed" in words.split()
        found = CONTEXT.search(words)
        self.context = found[1] or found[2] if found else ""
        self.forms: list[str] = [""]

    def add(self, token: Token) -> None:
        """Take the next piece: text, a variable or the word ``plural``."""
        if token.token_type == TokenType.BLOCK:
            self.forms.append("")
        elif token.token_type == TokenType.VAR:
            self.forms[-1] += f"%({token.contents})s"
        else:
            self.forms[-1] += token.contents.replace("%", "%%")

    def message(self) -> Message:
        """Return what was read."""
        forms = [trim_whitespace(form) if self.trimmed else form for form in self.forms]
        return Message(forms[0], forms[1] if len(forms) > 1 else "", self.context)


def _inline(words: str) -> Iterator[Message]:
    found = CONTEXT.search(words)
    context = (found[1] or found[2]) if found else ""
    for match in TRANSLATE.finditer(words):
        yield Message((match[1] or match[2]).replace("%", "%%"), context=context)
    for match in UNDERSCORE.finditer(words):
        yield Message((match[1] or match[2]).replace("%", "%%"))


def unmarked(text: str, *, html: bool) -> list[str]:
    """Return the words of a template that reach a reader without having been marked for translation."""
    bare = _without_markup(text)
    if not html:
        return [line.strip() for line in bare.splitlines() if LETTER.search(line)]
    parser = _Reader()
    parser.feed(bare)
    return parser.found


def _without_markup(text: str) -> str:
    """Blank out comments, tags, variables and everything inside blocks marked for translation."""
    kept: list[str] = []
    inside = ""
    for token in DebugLexer(text).tokenize():
        words = token.contents
        if token.token_type == TokenType.BLOCK:
            inside = (
                _end_of_silence(words) if not inside else inside * (not words.startswith(inside))
            )
        elif token.token_type == TokenType.TEXT and not inside:
            kept.append(words)
    return " ".join(kept)


def _end_of_silence(words: str) -> str:
    """Return the tag that ends a stretch without words for a reader, empty if none begins here."""
    if BLOCK.match(words):
        return "endblocktrans"
    if words.startswith("comment"):
        return "endcomment"
    return "endblock" if NAMES_OF_CLASSES.match(words) else ""


class _Reader(HTMLParser):
    """Collects what a person reads: text between tags and spoken attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in SILENT_TAGS
        for name, value in attrs:
            if name in SPOKEN_ATTRIBUTES and value and LETTER.search(value):
                self.found.append(f"{name}={value}")

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in SILENT_TAGS

    def handle_data(self, data: str) -> None:
        if not self.silent and LETTER.search(data):
            self.found.append(data.strip())
