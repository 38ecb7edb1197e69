"""List the promises without a proving test and those without a live check (``make promises``).

The codes come from the policies that ship with the house. A test proves a code when it carries
``@pytest.mark.promise("CODE")``; a code has a live check when ``manage.py promises`` says anything but
``not_built`` about it, asked in a throw-away installation with the same policies.
"""

import argparse
import ast
import json
import os
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from compliance.obligations import all_codes
from tests.tools import source

NOT_BUILT = "not_built"
EMBEDDED = ("DATABASE_URL", "ARCHIVE_DATABASE_URL", "KEYRING_DATABASE_URL", "REDIS_URL")


def main() -> int:
    """Print both lists and the counts; a report, so the exit code is 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--service", default="", help="only this service")
    codes = all_codes(parser.parse_args().service)
    proven = set(proven_codes(source.files("tests")))
    try:
        board = _board()
    except subprocess.CalledProcessError as problem:
        sys.exit(f"The promise board did not answer: {problem}")
    checked = {row["code"] for row in board if row["verdict"] != NOT_BUILT}
    _print("Without a proving test", [code for code in codes if code not in proven])
    _print("Without a live check", [code for code in codes if code not in checked])
    _print("Proven, but no promise of ours", sorted(proven - set(all_codes())))
    tested, live = (len(having & set(codes)) for having in (proven, checked))
    print(f"\n{len(codes)} promises: {tested} with a proving test, {live} with a live check")
    return 0


def proven_codes(files: Iterable[Path]) -> Iterator[str]:
    """Yield the codes in ``promise`` marks, read from the source without importing it."""
    for file in files:
        for node in ast.walk(source.tree(file)):
            if isinstance(node, ast.Call) and source.called(node).endswith("mark.promise"):
                yield from (str(one.value) for one in node.args if isinstance(one, ast.Constant))


def _board() -> list[dict[str, Any]]:
    """Return the promise board of a fresh installation."""
    with tempfile.TemporaryDirectory(prefix="promises-") as folder:
        environ = (
            os.environ
            | dict.fromkeys(EMBEDDED, "")
            | {"VAR_DIR": folder, "KEK_DIR": f"{folder}/keys"}
        )
        environ |= {"LOG_LEVEL": "ERROR", "DEMO": "true"}
        _manage(environ, "init_keys")
        for alias in ("default", "archive", "keyring"):
            _manage(environ, "migrate", "--database", alias, "--verbosity", "0")
        _manage(environ, "load_policy", "--preset", "all")
        return json.loads(_manage(environ, "promises", "--format", "json"))


def _manage(environ: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(
        command, cwd=source.ROOT, env=environ, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


def _print(what: str, codes: list[str]) -> None:
    print(f"\n{what}: {len(codes)}")
    print(textwrap.fill(" ".join(codes), width=100, initial_indent="  ", subsequent_indent="  "))


if __name__ == "__main__":
    sys.exit(main())
