"""What was refused as a file that can be mended and handed in again."""

from members.imports import formats
from members.imports.outcome import Preview
from members.imports.words import sentence


def write(found: Preview, *, extension: str = "csv") -> bytes:
    """Refused rows with line and reasons in the current language; formulas are neutralised.

    Raises ``KeyError`` for a format that is not ours.
    """
    rows = [["", sentence(p.code, p.column, p.params)] for p in found.problems]
    for row in found.rejected:
        reasons = "; ".join(sentence(r.code, r.column, r.params) for r in row.reasons)
        rows.append([str(row.line), reasons, *row.cells])
    return formats.write(extension, ["line", "reasons", *found.header], rows)
