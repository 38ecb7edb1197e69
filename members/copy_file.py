"""A copy of one's data as one ZIP: a page to read, JSON for machines, a CSV file a table for spreadsheets."""

import csv
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string

from members.copy_contents import Contents, Table
from members.imports.safe_cell import safe_cell

BOM = "\ufeff"


def packed(contents: Contents, *, language: str) -> bytes:
    """Return the bytes of the ZIP; same contents, same bytes."""
    files = {
        "my-data.html": _page(contents, language),
        "my-data.json": _json(contents),
        **{f"{name}.csv": _csv(table) for name, table in contents.tables.items() if table},
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text.encode(), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _page(contents: Contents, language: str) -> str:
    return render_to_string(
        "members/copy_file.html", {"contents": contents, "language": language, **contents.tables}
    )


def _json(contents: Contents) -> str:
    whole = {
        "service": contents.service,
        "made_at": contents.made_at,
        **contents.tables,
        "left_out": list(contents.left_out),
    }
    return json.dumps(whole, ensure_ascii=False, indent=2)


def _csv(table: Table) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(table[0]))
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in table)
    return BOM + out.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, list | tuple):
        return safe_cell("; ".join(str(part) for part in value))
    if isinstance(value, Mapping):
        return safe_cell(json.dumps(value, ensure_ascii=False))
    return safe_cell(value)
