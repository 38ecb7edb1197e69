"""Logs without people."""

import logging

import pytest

from compliance.log import RedactFilter, redact


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("to minji@mail.example failed", "to [address] failed"),
        ("phone 010-2345-6789 refused", "phone [number] refused"),
        ("phone +82.70.7727.9834.", "phone [number]."),
        ("card 4111 1111 1111 1111", "card [number]"),
        ("Task f06f5ee1-1234-4123-adee-fbcc349b9d13 done in 0.0123456789s", None),
        ("sweep at 2026-12-01T00:00+09:00 took 12.5 s for 100000 rows", None),
    ],
)
def test_what_could_be_a_person_is_blotted_out_and_nothing_else(text, left):
    assert redact(text) == (text if left is None else left)


def test_arguments_of_a_message_are_blotted_out_too():
    record = logging.LogRecord("x", logging.INFO, "", 0, "to %s", ("a@b.example",), None)
    RedactFilter().filter(record)
    assert record.getMessage() == "to [address]"


def test_what_an_error_says_stays_unsaid_and_where_it_arose_does_not():
    try:
        try:
            int("Kim Minji")
        except ValueError as error:
            raise KeyError("Seoul, Mapo-gu") from error
    except KeyError as error:
        record = logging.LogRecord(
            "celery.app.trace", logging.ERROR, "", 0, "failed: %r", (error,), None
        )
        record.exc_info = (KeyError, error, error.__traceback__)
        RedactFilter().filter(record)
    line = logging.Formatter().format(record)
    assert "Kim" not in line
    assert "Mapo" not in line
    assert "ValueError" in line
    assert "test_log.py" in line
