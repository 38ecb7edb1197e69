"""XLSX files: what is in the cells comes in as from CSV, and no file does more than be refused."""

import io
import random
from datetime import date, datetime

import pytest
from openpyxl import Workbook, load_workbook

from members.imports import csv_reader, engine, formats, jobs, refused_rows, tables
from members.imports.csv_reader import FileRefused
from members.imports.words import sentence
from members.models import DataSubject
from tests.members.imports import files, workbooks
from tests.members.imports.files import NOW, PEOPLE, csv_bytes, person
from tests.members.imports.test_engine import bring
from tests.members.imports.workbooks import (
    RELS,
    SHARED,
    SHEET,
    TYPES,
    changed,
    claiming,
    flagged,
    packed,
    parts,
    people,
    symlink,
    with_cell,
    with_shared,
    with_sheet,
    workbook,
)

needs_databases = pytest.mark.django_db(databases=files.DATABASES)

MACRO_TYPES = parts(people(1))[TYPES].replace(
    b"spreadsheetml.sheet.main+xml", b"spreadsheetml.sheet.macroEnabled.main+xml"
)
END = b"</Relationships>"
LINK = (
    b'<Relationship Id="rX" Type="http://x/externalLinkPath" Target="http://x" '
    b'TargetMode="External"/></Relationships>'
)
BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
WIDE = "".join("<c/>" for _ in range(20_000))
FORMULA = '<c r="A1"><f>HYPERLINK("http://x")</f><v>M-1</v></c>'
LONG = "".join(random.Random(2).choices("abcdefgh", k=30_000))


def refused_for(data: bytes) -> str:
    with pytest.raises(FileRefused) as refused:
        tables.read(data)
    assert sentence(refused.value.code, params=refused.value.params)
    return refused.value.code


def read_or_refused(data: bytes) -> str:
    """What came of a file, in words; anything but a refusal is raised on."""
    try:
        return f"{len(list(tables.read(data).lines()))} rows"
    except FileRefused as refused:
        return sentence(refused.code, params=refused.params)


def noise(size: int) -> bytes:
    return random.Random(1).randbytes(size)


HOSTILE = {
    "an archive of nothing": (lambda: packed({}), "workbook_broken"),
    "no archive": (lambda: b"PK\x03\x04" + noise(5_000), "workbook_broken"),
    "another archive": (lambda: packed({"a.txt": b"x"}), "workbook_broken"),
    "truncated": (lambda: people(5)[:-200], "workbook_broken"),
    "cut in half": (lambda: people(5)[:3_000], "workbook_broken"),
    "an old or encrypted file": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + noise(600), "spreadsheet_file"),
    "encrypted parts": (lambda: flagged(people(2)), "spreadsheet_file"),
    "a bomb": (lambda: changed({"xl/media/a.bin": b"0" * 50_000_000}), "workbook_too_dense"),
    "a bomb of many parts": (lambda: changed({f"xl/{n}.bin": b"0" * 1_000_000 for n in range(106)}),
        "workbook_too_large"),
    "a part larger than it says": (lambda: claiming(people(50), 100), "workbook_broken"),
    "2,000 parts": (lambda: changed({f"xl/{n}.bin": b"" for n in range(2_000)}), "workbook_entries"),
    "20,000 columns": (lambda: with_cell(WIDE), "too_many_columns"),
    "300 columns": (lambda: workbook([f"c{n}" for n in range(300)], []), "too_many_columns"),
    "a cell far right": (lambda: with_cell('<c r="ZZZ1"><v>1</v></c>'), "too_many_columns"),
    "a cell beyond the last": (lambda: with_cell('<c r="AAAAAA1"><v>1</v></c>'), "workbook_broken"),
    "a row beyond the last": (lambda: with_sheet('<row r="9999999999"><c><v>1</v></c></row>'), "workbook_broken"),
    "rows out of order": (lambda: with_sheet('<row r="5"><c/></row><row r="3"><c/></row>'), "workbook_broken"),
    "a row twice": (lambda: with_sheet('<row r="5"><c/></row><row r="5"><c/></row>'), "workbook_broken"),
    "a macro": (lambda: changed({"xl/vbaProject.bin": b"x"}), "workbook_macros"),
    "a hidden macro": (lambda: changed({TYPES: MACRO_TYPES}), "workbook_macros"),
    "an old macro sheet": (lambda: changed({"xl/macrosheets/sheet1.xml": b"<a/>"}), "workbook_macros"),
    "an external link": (lambda: changed({"xl/externalLinks/externalLink1.xml": b"<a/>"}), "workbook_links"),
    "a hidden link": (lambda: changed({RELS: parts(people(1))[RELS].replace(END, LINK)}), "workbook_links"),
    "a connection": (lambda: changed({"xl/connections.xml": b"<a/>"}), "workbook_links"),
    "a symbolic link": (lambda: changed({symlink("xl/theme/more.xml"): b"/etc/passwd"}), "workbook_paths"),
    "a path upwards": (lambda: changed({"../../etc/cron.d/x": b"x"}), "workbook_paths"),
    "a path from the root": (lambda: changed({"/etc/cron.d/x": b"x"}), "workbook_paths"),
    "a path of Windows": (lambda: changed({"C:\\x": b"x"}), "workbook_paths"),
    "a part twice": (lambda: changed({SHEET.upper(): b"<a/>"}), "workbook_paths"),
    "entities": (lambda: with_sheet("", before=BOMB.decode()), "workbook_broken"),
    "entities in UTF-16": (lambda: changed({SHEET: (BOMB.decode() + "<a/>").encode("utf-16")}), "workbook_broken"),
    "entities in a part without ending": (lambda: changed({"xl/x": BOMB + b"<a/>"}), "workbook_broken"),
    "an outside entity": (lambda: changed({SHEET: b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><a/>'}), "workbook_broken"),
    "deep parts": (lambda: changed({"xl/a.xml": b"<a>" * 5_000 + b"</a>" * 5_000}), "workbook_crowded"),
    "many parts beside cells": (lambda: with_sheet("", after="<a/>" * 200_001), "workbook_crowded"),
    "no XML": (lambda: changed({SHEET: b"<worksheet"}), "workbook_broken"),
    "no text of that number": (lambda: with_cell('<c t="s"><v>99</v></c>'), "workbook_broken"),
    "no number": (lambda: with_cell("<c><v>x</v></c>"), "workbook_broken"),
    "a number of 10,000 digits": (lambda: with_cell(f"<c><v>{'9' * 10_000}</v></c>"), "workbook_broken"),
    "no sheet": (lambda: changed({SHEET: b"<a/>"}), "file_empty"),
    "an empty sheet": (lambda: workbook([], []), "file_empty"),
    "a formula": (lambda: with_cell(FORMULA), "workbook_formula"),
    "a formula from Excel": (lambda: workbook(PEOPLE, [person(1, name="=1+1")]), "workbook_formula"),
    "an array formula": (lambda: with_cell('<c r="A1"><f t="array" ref="A1:B2">1</f></c>'), "workbook_formula"),
    "an error": (lambda: with_cell('<c r="A1" t="e"><v>#REF!</v></c>'), "workbook_formula"),
    "21 MB": (lambda: people(1) + b"0" * csv_reader.MAX_BYTES, "file_too_large"),
    "one long text in every row": (lambda: with_shared([LONG], [[0]] * 1_000), "file_too_large"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_workbook_is_refused_for_one_reason(case):
    make, code = HOSTILE[case]
    assert refused_for(make()) == code


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_workbook_never_raises_anything_else(seed):
    dice, data = random.Random(seed), bytearray(people(5))
    for _ in range(dice.randint(1, 20)):
        data[dice.randrange(len(data))] = dice.randrange(256)
    assert read_or_refused(bytes(data))


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_sheet_in_a_sound_archive_never_raises_anything_else(seed):
    dice = random.Random(seed)
    data = parts(with_shared(["a", "b", "1"], [[0, 1], [2, 2]]))
    name = dice.choice([SHEET, "xl/workbook.xml", SHARED, "xl/styles.xml", RELS])
    part = bytearray(data[name])
    for _ in range(dice.randint(1, 4)):
        place = dice.randrange(60, len(part))
        part[place : place + dice.randint(0, 2)] = dice.choice([b"9", b"x", b"-", b"", b"A1"])
    assert read_or_refused(packed(data | {name: bytes(part)}))


@needs_databases
def test_people_come_in_from_a_workbook_and_are_the_same_as_from_csv():
    assert bring(people(3)).outcome["new"] == 3
    assert bring(files.people(3)).outcome["same"] == 3


MOMENT = datetime.fromisoformat("2024-03-01T10:30")  # Cells know no zone.


def test_dates_numbers_and_truths_become_the_texts_that_the_checks_expect():
    row = [7, 7.0, 7.5, date(2024, 3, 1), MOMENT, True, None, "0101", 10**15]
    table = tables.read(workbook(["title"] * len(row), [row]))
    assert next(table.lines()).cells == (
        *("7", "7", "7.5", "2024-03-01", "2024-03-01T10:30:00", "true", "", "0101"),
        "1000000000000000",
    )


@needs_databases
def test_a_typed_date_comes_in_as_a_date():
    row = person(1, external_id=1, joined_at=date(2024, 3, 1), last_used_at=MOMENT)
    assert bring(workbook(PEOPLE, [row])).outcome["new"] == 1
    assert DataSubject.objects.get().joined_at.isoformat() == "2024-02-29T15:00:00+00:00"


@needs_databases
def test_lines_are_the_rows_of_the_sheet_and_empty_ones_are_passed_over():
    rows = [[], person(1), [], person(2, email="x")]
    found = engine.preview(files.service(), workbook(PEOPLE, rows), kind_of_file="people", now=NOW)
    assert (found.new, [row.line for row in found.rejected]) == (1, [5])


def test_only_the_first_sheet_is_read_whatever_it_says_about_its_size():
    book = Workbook()
    book.active.append(["a", "b"])
    book.active.append(["1", "2"])
    book.create_sheet().append(["other"])
    data = workbooks.saved(book)
    sheet = parts(data)[SHEET].replace(b'<dimension ref="A1:B2"', b'<dimension ref="A1:A1"')
    table = tables.read(packed(parts(data) | {SHEET: sheet}))
    assert (table.header, [line.cells for line in table.lines()]) == (("a", "b"), [("1", "2")])


@needs_databases
def test_the_links_under_addresses_are_harmless():
    book = Workbook()
    for row in (PEOPLE, person(1)):
        book.active.append(row)
    book.active["H2"].hyperlink = "mailto:person1@mail.example"
    found = engine.preview(files.service(), workbooks.saved(book), kind_of_file="people", now=NOW)
    assert (found.new, found.problems) == (1, [])


def test_texts_that_lie_apart_are_found():
    table = tables.read(with_shared(["name", "=1+1", "kim"], [[0, 0], [2, 1]]))
    assert (table.header, next(table.lines()).cells) == (("name", "name"), ("kim", "=1+1"))


@needs_databases
def test_a_row_that_is_too_long_is_refused_alone():
    rows = [person(1), [*person(2), "more"]]
    found = engine.preview(files.service(), workbook(PEOPLE, rows), kind_of_file="people", now=NOW)
    assert (found.new, found.rejected[0].reasons[0].code) == (1, "cell_count")


def test_fifty_thousand_rows_are_the_limit_of_a_workbook_too(monkeypatch):
    monkeypatch.setattr(csv_reader, "MAX_ROWS", 3)
    assert refused_for(people(4)) == "too_many_rows"


@needs_databases
def test_refused_rows_come_back_as_a_workbook_of_texts_that_can_be_handed_in_again():
    names = ["=1+1", "@SUM(A1)", "'quoted", "#REF!", "a\0b", "a\uffffb"]
    rows = [person(n, name=name, email="x") for n, name in enumerate(names)]
    found = engine.preview(files.service(), csv_bytes(PEOPLE, rows), kind_of_file="people", now=NOW)
    data = refused_rows.write(found, extension="xlsx")
    sheet = load_workbook(io.BytesIO(data)).active
    assert {cell.data_type for row in sheet for cell in row if cell.value} == {"s"}
    assert sheet["G2"].value == "'=1+1"
    table = tables.read(data)
    assert table.header == ("line", "reasons", *PEOPLE)
    came_back = [line.cells[6] for line in table.lines()]
    assert came_back == [*names[:4], "a\ufffdb", "a\ufffdb"]


@pytest.mark.parametrize("extension", formats.FORMATS)
@needs_databases
def test_a_problem_of_the_whole_file_is_written_in_both_formats(extension):
    found = engine.preview(files.service(), b"PK\x03\x04", kind_of_file="people", now=NOW)
    table = tables.read(refused_rows.write(found, extension=extension))
    assert "cannot be read" in next(table.lines()).cells[1]


@needs_databases
def test_a_refused_workbook_cannot_be_applied_and_leaves_nothing():
    data = workbook(PEOPLE, [person(1, name="=1+1")])
    job = jobs.hand_in(files.service(), data, kind_of_file="people", actor=None, now=NOW)
    jobs.run_to_end(job, now=NOW)
    assert not jobs.ask_apply(job, actor=None, now=NOW)
    assert [p.code for p in jobs.preview_of(job).problems] == ["workbook_formula"]
    assert not DataSubject.objects.exists()
