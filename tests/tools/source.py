"""The source of the house as syntax trees, for tests about the code itself."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("compliance", "members", "disclosures")


@cache
def files(*folders: str, suffix: str = ".py") -> tuple[Path, ...]:
    """Return the files under the folders (the three apps if none is named), migrations left out."""
    roots = [ROOT / name for name in (folders or APPS)]
    found = (file for root in roots for file in sorted(root.rglob(f"*{suffix}")))
    return tuple(file for file in found if "migrations" not in file.parts)


@cache
def tree(file: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(file.read_text(), filename=str(file))


def place(file: Path, node: ast.AST) -> str:
    """Return ``path:line`` of a node."""
    return f"{file.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


def functions(file: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function and method of a file."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines of a function's body without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def called(node: ast.AST) -> str:
    """Return the dotted name of what a call calls, empty for anything else."""
    return dotted(node.func) if isinstance(node, ast.Call) else ""


def dotted(node: ast.expr) -> str:
    """Return ``a.b.c`` of a chain of names; what is not a name becomes ``?``."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"
