"""The first text of a loaded policy: its clauses, as the file tells them in our own words."""

from collections.abc import Mapping
from typing import Any

# Policy files tell their clauses in the source language of the software.
LANGUAGE = "en"


def markdown_of(data: Mapping[str, Any]) -> str:
    """Return Markdown with one heading per clause; the officer replaces it by the published text."""
    parts = [f"# {data['service']['policy_title']}"]
    for clause in data["clauses"]:
        parts.append(f"## {clause['clause']} {clause['title']}\n\n{clause['text']}")
    return "\n\n".join(parts) + "\n"
