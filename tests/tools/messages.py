"""Find what the house says: messages marked for translation, and words that nobody marked."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from django.template.base import DebugLexer, TokenType
from django.utils.translation import trim_whitespace

from tests.tools import source

SINGULAR = {"_", "gettext", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy"}
CONTEXT = {"pgettext", "pgettext_lazy"}
LETTER = re.compile(r"[^\W\d_]")
QUOTED = r"""(?:"([^"]*)"|'([^']*)')"""
TRANSLATE = re.compile(rf"^(?:translate|trans)\s+{QUOTED}")
UNDERSCORE = re.compile(rf"_\({QUOTED}\)")
BLOCK = re.compile(r"^(?:blocktranslate|blocktrans)\b")
END_BLOCK = re.compile(r"^end(?:blocktranslate|blocktrans)\b")
NAMES_OF_CLASSES = re.compile(r"^block\s+\w*class$")
SPOKEN_ATTRIBUTES = {"title", "alt", "placeholder", "aria-label", "aria-description", "label"}
SILENT_TAGS = {"script", "style", "code", "kbd", "samp"}


def in_python(file: Path) -> Iterator[str]:
    """Yield the messages of a Python file."""
    for node in ast.walk(source.tree(file)):
        name = source.called(node).rpartition(".")[2]
        if not isinstance(node, ast.Call):
            continue
        if name in SINGULAR or name in PLURAL:
            yield from _constants(node.args[:1])
        elif name in CONTEXT:
            yield from _constants(node.args[1:2])


def _constants(arguments: list[ast.expr]) -> Iterator[str]:
    for argument in arguments:
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield argument.value


def in_template(text: str) -> Iterator[str]:
    """Yield the messages of a template; of a plural block the singular stands for both."""
    block: list[str] | None = None
    trimmed = False
    for token in DebugLexer(text).tokenize():
        words = token.contents
        if token.token_type == TokenType.BLOCK and BLOCK.match(words):
            block, trimmed = [], "trimmed" in words.split()
        elif block is not None and token.token_type == TokenType.BLOCK:
            yield _joined(block, trimmed=trimmed)
            block = None if END_BLOCK.match(words) else []
        elif block is not None:
            block.append(
                f"%({words})s" if token.token_type == TokenType.VAR else words.replace("%", "%%")
            )
        elif token.token_type in (TokenType.BLOCK, TokenType.VAR):
            yield from _inline(words)


def _joined(block: list[str], *, trimmed: bool) -> str:
    message = "".join(block)
    return trim_whitespace(message) if trimmed else message


def _inline(words: str) -> Iterator[str]:
    for match in (*TRANSLATE.finditer(words), *UNDERSCORE.finditer(words)):
        yield match[1] if match[1] is not None else match[2]


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
