"""The catalogues are whole, keep every placeholder and use the words of docs/glossary.md."""

import re
from collections import Counter

import polib
import pytest

from tests.tools import catalogue

PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%%|%[sd]|\{\w*\}")
STRAY_PERCENT = re.compile(r"%(?!\(\w+\)[a-z]|%|[sd])")
# An expression of a message, and what its translation has to contain (one of these).
GLOSSARY = {
    "ko": {
        r"\bwithdraw(ing|s)? membership\b": ("회원 탈퇴",),
        r"\bwithdraw(ing|s)? (your )?consent\b": ("동의 철회", "동의를 철회"),
        r"\bprivacy officers?\b": ("개인정보 보호책임자",),
        r"\bprivacy policy\b": ("개인정보 처리방침",),
        r"\bdestr(oy|oyed|oys|uction)\b": ("파기",),
        r"\b(kept|keep|set|stays) apart\b": ("분리",),
        r"\bcertificates?\b": ("증명서",),
        r"\bledger\b": ("원장",),
        r"\bpurposes?\b": ("목적",),
        r"\bproviding data\b": ("제공",),
        r"\brecipients\b": ("제공받는 자",),
        r"\bsign out\b": ("로그아웃",),
        r"\border number\b": ("주문번호",),
    },
    "id": {
        r"\bwithdraw(ing|s)? membership\b": ("akhiri keanggotaan", "pengakhiran keanggotaan"),
        r"\bwithdraw(ing|s)? (your )?consent\b": ("tarik persetujuan", "narik persetujuan"),
        r"\bprivacy officers?\b": ("etugas pelindungan data pribadi",),
        r"\bprivacy policy\b": ("kebijakan privasi",),
        r"\bdestr(oy|oyed|oys|uction)\b": ("musnah",),
        r"\b(kept|keep|set|stays) apart\b": ("terpisah", "pisah"),
        r"\bcertificates?\b": ("sertifikat",),
        r"\bledger\b": ("buku besar",),
        r"\bpurposes?\b": ("tujuan",),
        r"\brecipients\b": ("penerima",),
        r"\border number\b": ("nomor pesanan",),
    },
}


@pytest.fixture(scope="module", params=catalogue.LANGUAGES)
def language(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def entries(language) -> list[polib.POEntry]:
    return list(polib.pofile(str(catalogue.path(language))))


def said_in(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def wrong(entries: list[polib.POEntry], holds) -> list[tuple[str, str]]:
    """Return the translations for which ``holds(original, translation)`` is not true."""
    pairs = [(entry.msgid, text) for entry in entries for text in said_in(entry)]
    return [pair for pair in pairs if not holds(*pair)]


def test_every_message_is_translated_and_nothing_is_only_guessed(entries):
    assert [entry.msgid for entry in entries if entry.fuzzy or entry.obsolete] == []
    assert wrong(entries, lambda original, text: text.strip()) == []


def test_the_catalogue_says_what_the_source_says_and_no_more(entries):
    wanted = {(one.context, one.text, one.plural) for one in catalogue.collected()}
    found = {(one.msgctxt or "", one.msgid, one.msgid_plural) for one in entries}
    assert sorted(found ^ wanted) == []


def test_placeholders_are_kept(entries):
    def same(entry: polib.POEntry, text: str) -> bool:
        asked = [Counter(PLACEHOLDER.findall(words)) for words in (entry.msgid, entry.msgid_plural)]
        given = Counter(PLACEHOLDER.findall(text))
        if not entry.msgid_plural:
            return given == asked[0]
        return set(given) <= set(asked[0] | asked[1]) and set(given) >= set(asked[1])

    drifted = [(one.msgid, text) for one in entries for text in said_in(one) if not same(one, text)]
    assert drifted == []


def test_a_percent_sign_that_is_no_placeholder_is_doubled(entries):
    formatted = [entry for entry in entries if "python-format" in entry.flags]
    assert wrong(formatted, lambda original, text: not STRAY_PERCENT.search(text)) == []


def test_white_space_at_the_edges_is_kept(entries):
    def edges(text: str) -> tuple[bool, bool]:
        return text != text.lstrip(), text != text.rstrip()

    assert wrong(entries, lambda original, text: edges(original) == edges(text)) == []


def test_the_plural_has_one_form(language):
    metadata = polib.pofile(str(catalogue.path(language))).metadata
    assert metadata["Plural-Forms"] == "nplurals=1; plural=0;"


def test_the_words_of_the_glossary_are_used(language, entries):
    drifted = [
        (entry.msgid, text)
        for expression, words in GLOSSARY[language].items()
        for entry in entries
        if re.search(expression, entry.msgid, re.IGNORECASE)
        for text in said_in(entry)
        if not any(word.lower() in text.lower() for word in words)
    ]
    assert drifted == []


def test_no_feelings_and_no_shouting(language, entries):
    forbidden = {"ko": r"[!！]|죄송|부탁드|세요", "id": r"!|\bmaaf\b|\bmohon\b"}[language]
    assert wrong(entries, lambda original, text: not re.search(forbidden, text, re.I)) == []


def test_no_korean_particle_depends_on_how_a_value_ends():
    particle = re.compile(r"%\(\w+\)[a-z][”]?(은|는|이|가|을|를|과|와|로|으로)(?![가-힣])")
    entries = polib.pofile(str(catalogue.path("ko")))
    assert wrong(list(entries), lambda original, text: not particle.search(text)) == []


def test_merging_keeps_translations_adds_new_messages_and_drops_old_ones(tmp_path, monkeypatch):
    kept, fresh = catalogue.Message("Kept %(n)s", "Kept all %(n)s"), catalogue.Message("New")
    old = polib.POFile()
    old.append(polib.POEntry(msgid="Kept %(n)s", msgstr="alt"))
    old.append(polib.POEntry(msgid="Gone", msgstr="weg"))
    old.append(polib.POEntry(msgid="New", msgstr="geraten", flags=["fuzzy"]))
    old.save(str(tmp_path / "django.po"))
    monkeypatch.setattr(catalogue, "path", lambda language: tmp_path / "django.po")
    found = catalogue.merged("ko", {kept: ["a.py"], fresh: ["b.html"]})
    assert [(one.msgid, said_in(one)) for one in found] == [("Kept %(n)s", ["alt"]), ("New", [""])]
    assert found[0].flags == ["python-format"]
    assert str(found[0]).startswith("#: a.py\n")
