"""Reading policy files that were made to keep a server busy."""

import time

import pytest

from compliance import policy_files

LONG = 100_000


@pytest.mark.parametrize(
    "content",
    [
        ".".join(["a"] * LONG) + " = 1",
        "[" + " . ".join(['"a b"'] * LONG) + "]",
        "x = {" + ".".join(["'a.b'"] * LONG) + " = 1}",
        ".".join(['"\\""'] * LONG) + " = 1",
        "a = " + "[" * LONG,
        "a = " + "9" * LONG,
        '"\\' * LONG,
    ],
)
def test_a_file_without_end_is_refused_within_seconds(content):
    began = time.perf_counter()
    data, (problem,) = policy_files.parse(content.encode(), "p.toml")
    assert time.perf_counter() - began < 5
    assert not data
    assert problem.message_code == "not_toml"


def test_prose_with_many_dots_is_prose():
    sentences = "One. Two. Three. " * 100
    data, problems = policy_files.parse(
        f'text = """{sentences}"""\n# {sentences}'.encode(), "p.toml"
    )
    assert not problems
    assert data["text"] == sentences
