"""Whatever a file holds: no exception, no half import, and a report that names the line."""

import random

import pytest

from members.imports import csv_reader, engine, jobs, refused_rows
from members.models import DataSubject, Record, StagedChange
from tests.members.imports import files
from tests.members.imports.files import NOW, PEOPLE, csv_bytes, people, person
from tests.members.imports.test_engine import bring

pytestmark = pytest.mark.django_db(databases=files.DATABASES)
HEAD = ",".join(PEOPLE).encode()
GOOD = ",".join(person(1)).encode()
ROW = ",".join(person(2)).encode()


def header(*extra):
    return csv_bytes([*PEOPLE, *extra], [[*person(1), *["x"] * len(extra)]])


REFUSED_WHOLE = {
    "nothing": (b"", "file_empty"),
    "only spaces": (b" \r\n\r\n ", "file_empty"),
    "only a BOM": (b"\xef\xbb\xbf", "file_empty"),
    "UTF-16": (people(1).decode().encode("utf-16"), "encoding_unknown"),
    "UTF-16 without BOM": (people(1).decode().encode("utf-16-le"), "encoding_unknown"),
    "bytes of no script": (HEAD + b"\n" + bytes(range(128, 256)), "encoding_unknown"),
    "a spreadsheet": (b"PK\x03\x04" + b"\0" * 100, "workbook_broken"),
    "an old spreadsheet": (b"\xd0\xcf\x11\xe0" + b"\0" * 100, "spreadsheet_file"),
    "10,000 columns": (b",".join(b"c%d" % n for n in range(10_000)), "too_many_columns"),
    "20 MB and a byte": (b"x" * (csv_reader.MAX_BYTES + 1), "file_too_large"),
    "an open quote": (HEAD + b"\n" + GOOD + b"\n\"" + ROW, "quotes_broken"),
    "a quote inside": (HEAD + b"\n" + GOOD.replace(b"M-1", b"\"M\"-1"), "quotes_broken"),
    "a cell of 200 kB": (HEAD + b"\n" + b"x" * 200_000, "cell_too_long"),
    "a quote over all lines": (HEAD + b"\n\"" + b"\n".join([ROW] * 20_000), "cell_too_long"),
    "a doubled column": (header("email"), "column_doubled"),
    "a doubled column in full width": (header("ＥＭＡＩＬ"), "column_doubled"),
    "a column without name": (header(""), "column_unnamed"),
    "a column of zero-width signs": (header("\u200b\u2060"), "column_unnamed"),
    "no external_id": (csv_bytes(PEOPLE[1:], [person(1)[1:]]), "column_missing"),
    "no header": (csv_bytes(person(1), [person(2)]), "item_not_listed"),
    "an unknown column": (header("shoe_size"), "item_not_listed"),
    "a password": (header("password"), "password_column"),
    "a password in Korean": (header("비밀번호"), "password_column"),
    "a card's code": (header("CVV"), "card_code_column"),
    "health": (header("Health"), "never_collect"),
    "religion": (header("religion"), "never_collect"),
    "nationality in Korean": (header("국적"), "never_collect"),
    "race hidden by a zero-width sign": (header("ra\u200bce"), "never_collect"),
    "party turned around": (header("\u202epolitics"), "never_collect"),
    "a logged item": (header("ip_address"), "item_comes_as_event"),
    "a dunder": (header("__class__"), "item_not_listed"),
    "an injected name": (header("name'); DROP TABLE members;--"), "item_not_listed"),
    "a template": (header("{{ settings.SECRET_KEY }}"), "item_not_listed"),
    "an unknown purpose": (header("consent:world_peace"), "consent_purpose_unknown"),
    "an unknown channel": (header("consent:advertising:pigeon"), "consent_channel_unknown"),
    "a path": (header("../../etc/passwd"), "item_not_listed"),
    "HTML": (b"<html><script>alert(1)</script></html>", "item_not_listed"),
    "a JSON array": (b'{"external_id": [1,', "json_broken"),
    "deep JSON": (b'{"a":' * 50_000, "json_broken"),
    "random bytes": (random.Random(7).randbytes(5_000), None),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED_WHOLE)
def test_a_hostile_file_is_refused_whole_with_its_reason(case):
    data, code = REFUSED_WHOLE[case]
    found = engine.preview(files.service(), data, kind_of_file="people", now=NOW)
    codes = {problem.code for problem in found.problems}
    assert code in codes if code else codes
    assert (found.new, found.changed, found.same) == (0, 0, 0)
    assert refused_rows.write(found)


def refused(**cells):
    return [person(1), person(2, **cells), person(3)]


REFUSED_ROW = {
    "NUL": (refused(name="Kim\0Min"), "control_character", "name"),
    "escape": (refused(name="\x1b[31mKim"), "control_character", "name"),
    "turned direction": (refused(name="Kim\u202enimaerd"), "direction_character", "name"),
    "card as name": (refused(name="4111 1111 1111 1111"), "card_number_full", "name"),
    "card as login": (refused(login_id="5555555555554444"), "card_number_full", "login_id"),
    "card as number": (refused(external_id="4111111111111111"), "card_number_full", "external_id"),
    "card as phone": (refused(mobile="4111111111111111"), "card_number_full", "mobile"),
    "card's code": (refused(name="Kim cvv: 123"), "card_code", "name"),
    "no address": (refused(email="kim at mail"), "email_syntax", "email"),
    "two addresses": (refused(email="a@b.example,c@d.example"), "email_syntax", "email"),
    "header injection": (refused(email="a@b.example\nbcc: c@d.example"), "control_character", "email"),
    "no phone": (refused(mobile="=HYPERLINK(1)"), "phone_syntax", "mobile"),
    "long": (refused(name="김" * 300), "too_long", "name"),
    "no day": (refused(joined_at="31.12.2024"), "date_syntax", "joined_at"),
    "tomorrow": (refused(joined_at="2027-01-01"), "date_in_future", "joined_at"),
    "used before joining": (refused(last_used_at="2020-01-01"), "used_before_joining", "last_used_at"),
    "other language": (refused(language="tlh"), "language_unknown", "language"),
    "missing name": (refused(name="  "), "required_missing", "name"),
    "missing number": (refused(external_id=""), "required_missing", "external_id"),
    "same number": (refused(external_id="m-1"), "repeated_in_file", "external_id"),
    "same login": (refused(login_id="PERSON1"), "repeated_in_file", "login_id"),
    "same address": (refused(email="Person1@mail.example"), "repeated_in_file", "email"),
    "too few cells": ([person(1), person(2)[:-1], person(3)], "cell_count", ""),
    "too many cells": ([person(1), [*person(2), "x"], person(3)], "cell_count", ""),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED_ROW)
def test_a_hostile_row_is_refused_alone_by_its_line(case):
    rows, code, column = REFUSED_ROW[case]
    found = engine.preview(files.service(), csv_bytes(PEOPLE, rows), kind_of_file="people", now=NOW)
    assert [row.line for row in found.rejected] == [3]
    assert (code, column) in {(r.code, r.column) for r in found.rejected[0].reasons}
    assert found.new == 2
    if code in ("card_number_full", "card_code"):
        assert b"4111" not in refused_rows.write(found).replace(b" ", b"")
        assert (
            b"123"
            not in refused_rows.write(found).split(b"\n")[1].replace(b"cvv: 123", b"123")[-20:]
        )


TAKEN = {
    "UTF-8": people(3),
    "UTF-8 with BOM": b"\xef\xbb\xbf" + people(3),
    "CP949": people(3).decode().encode("cp949"),
    "semicolons": csv_bytes(PEOPLE, [person(n) for n in (1, 2, 3)], delimiter=";"),
    "tabs": csv_bytes(PEOPLE, [person(n) for n in (1, 2, 3)], delimiter="\t"),
    "bars": csv_bytes(PEOPLE, [person(n) for n in (1, 2, 3)], delimiter="|"),
    "old line ends": people(3).replace(b"\r\n", b"\r"),
    "mixed line ends": people(3).replace(b"\r\n", b"\n", 2),
    "empty lines": people(3).replace(b"\r\n", b"\r\n\r\n  \r\n"),
    "titles in words": people(3).replace(b"email", b" E-mail  Address ", 1).replace(b"name", b"NAME", 1),
    "emoji": csv_bytes(PEOPLE, [person(1, name="김 🐟👩‍👩‍👧"), person(2, name="مريم"), person(3)]),
    "formulas": csv_bytes(PEOPLE, [person(1, name="=cmd|' /C calc'!A0"), person(2), person(3)]),
    "escaped formulas": csv_bytes(PEOPLE, [person(1, name="'=1+1"), person(2), person(3)]),
    "paths": csv_bytes(PEOPLE, [person(1, name="../../x"), person(2), person(3, login_id="a/../b")]),
    "markup": csv_bytes(PEOPLE, [person(1, name="<script>alert(1)</script>"), person(2), person(3)]),
    "statements": csv_bytes(PEOPLE, [person(1, name="'; DROP TABLE x;--"), person(2), person(3)]),
    "lines in quotes": csv_bytes([*PEOPLE, "address"], [[*person(n), "1 Sample Road"] for n in (1, 2, 3)]),
}  # fmt: skip


@pytest.mark.parametrize("case", TAKEN)
def test_a_strange_but_sound_file_comes_in(case):
    job = bring(TAKEN[case])
    assert (job.outcome["new"], job.outcome["rejected"]) == (3, 0)
    assert bring(TAKEN[case]).outcome["same"] == 3


def test_fifty_thousand_rows_are_the_limit(monkeypatch):
    monkeypatch.setattr(csv_reader, "MAX_ROWS", 3)
    found = engine.preview(files.service(), people(4), kind_of_file="people", now=NOW)
    assert [problem.code for problem in found.problems] == ["too_many_rows"]
    assert not found.new


@pytest.mark.parametrize("case", ["an open quote", "an unknown column", "health", "a spreadsheet"])
def test_a_refused_file_cannot_be_applied_and_leaves_nothing(case):
    data, _ = REFUSED_WHOLE[case]
    job = jobs.hand_in(files.service(), data, kind_of_file="people", actor=None, now=NOW)
    jobs.run_to_end(job, now=NOW)
    assert not jobs.ask_apply(job, actor=None, now=NOW)
    assert not DataSubject.objects.exists()
    assert not Record.objects.exists()
    assert not StagedChange.objects.exists()


@pytest.mark.parametrize("kind", ["people", "events"])
@pytest.mark.parametrize("seed", range(30))
def test_damaged_files_never_raise_and_never_come_in_by_half(kind, seed):
    dice = random.Random(seed)
    data = bytearray(people(20))
    for _ in range(dice.randint(1, 40)):
        place = dice.randrange(len(data))
        data[place : place + dice.randint(0, 3)] = dice.choice(
            [b'"', b"\0", b"\r", b",", b"\xff", b"=", b"\xe2\x80\xae", b"'", b"\t", b"", b"@"]
        )
    found = engine.preview(files.service(), bytes(data), kind_of_file=kind, now=NOW)
    assert found.problems or found.new + found.same + len(found.rejected) == found.rows
    assert refused_rows.write(found)
