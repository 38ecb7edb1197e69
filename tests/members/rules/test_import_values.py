"""What may be in a cell, and in which spelling it is kept."""

from datetime import UTC, date, datetime

import pytest

from members.rules import import_values as values


def refusal(call, *args, **kwargs) -> str:
    with pytest.raises(values.ValueRefused) as refused:
        call(*args, **kwargs)
    return refused.value.code


@pytest.mark.parametrize(
    "text",
    ["a@b.example", "kim.min+x@mail.example.com", "o'neil@example.org", "KIM@Example.COM"],
)
def test_addresses_in_use_are_taken(text):
    assert values.email(text).endswith(text.rpartition("@")[2].lower())


def test_a_host_in_another_script_becomes_ascii():
    assert values.email("kim@bücher.example") == "kim@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "text",
    [
        "", "kim", "@x.example", "kim@", "kim@host", "kim@@x.example", "ki m@x.example",
        ".kim@x.example", "kim.@x.example", "k..m@x.example", "kim@-x.example", "kim@x.1",
        "kim@x..example", f"{'k' * 65}@x.example", "kim@x.example\nbcc:y@z.example", "김@x.example",
        "kim@" + "x" * 300 + ".example", "\"kim\"@x.example", "kim@[127.0.0.1]", "a,b@x.example",
    ],
)  # fmt: skip
def test_anything_else_is_no_address(text):
    assert refusal(values.email, text) == "email_syntax"


def test_telephone_numbers_keep_their_digits_only():
    assert values.clean("mobile", "010-1234-5678") == "01012345678"
    assert values.clean("phone", "+62 (812) 3456.7890") == "+6281234567890"
    assert values.clean("phone", "０１０－１２３４－５６７８") == "01012345678"
    assert refusal(values.clean, "phone", "call me") == "phone_syntax"


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111", "378282246310005",
        "５５５５５５５５５５５５４４４４", "pay with 4111.1111.1111.1111 please", "٤١١١١١١١١١١١١١١١",
        "4\u200b111111111111111", "6011111111111117", "order 12 4111 1111 1111 1111",
    ],
)  # fmt: skip
@pytest.mark.parametrize("item", ["name", "address", "enquiry_content", "external_ref"])
def test_a_full_card_number_is_refused_in_every_field(item, text):
    assert refusal(values.clean, item, text, category="communication") == "card_number_full"


@pytest.mark.parametrize(
    "text", ["4111111111111112", "2026112300000017", "010-1234-5678", "order 20261123-000001"]
)
def test_other_long_numbers_are_no_cards(text):
    assert values.clean("name", text) == text


@pytest.mark.parametrize(
    "text", ["CVV: 123", "cvc 9999", "my card security code 123", "ＣＶＶ１２３"]
)
def test_a_cards_code_is_refused_in_every_field(text):
    assert refusal(values.clean, "name", text) == "card_code"


def test_of_a_card_only_last_four_or_a_token_are_kept():
    assert values.clean("credit_card_number", "**** **** **** 4242") == "4242"
    assert values.clean("credit_card_number", "4242") == "4242"
    assert values.clean("credit_card_number", "tok_visa-1234") == "tok_visa-1234"
    full, odd = "4111111111111111", "4111111111111112"
    assert refusal(values.clean, "credit_card_number", full) == "card_number_full"
    assert refusal(values.clean, "credit_card_number", odd) == "card_reference_syntax"


@pytest.mark.parametrize("sign", ["\0", "\x07", "\x1b", "\n", "\t", "\x85", "\ud800"])
def test_control_signs_are_refused(sign):
    assert refusal(values.clean, "name", f"a{sign}b") == "control_character"


def test_long_texts_may_have_lines():
    text = "first\nsecond\tthird"
    assert values.clean("enquiry_content", text, category="communication") == text


def test_signs_that_turn_the_direction_are_refused():
    assert refusal(values.clean, "name", "ab\u202egnp.exe") == "direction_character"


def test_texts_have_a_greatest_length():
    assert refusal(values.clean, "name", "x" * 201) == "too_long"
    assert values.clean("address", "x" * 500)
    assert refusal(values.clean, "address", "x" * 501) == "too_long"


def test_emoji_and_scripts_are_welcome():
    assert values.clean("name", "  김민수 🐟 ") == "김민수 🐟"
    assert values.clean("name", "مريم") == "مريم"


def test_days_and_moments_are_local_to_the_service():
    assert values.moment("2026-11-23", "Asia/Seoul") == datetime(2026, 11, 22, 15, tzinfo=UTC)
    assert values.moment("2026.11.23.", "Asia/Seoul") == datetime(2026, 11, 22, 15, tzinfo=UTC)
    local = values.moment("2026-11-23T09:00", "Asia/Jakarta")
    assert local == datetime(2026, 11, 23, 2, tzinfo=UTC)
    offset = values.moment("2026-11-23T09:00:00+09:00", "Asia/Jakarta")
    assert offset == datetime(2026, 11, 23, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["yesterday", "2026-02-30", "23/11/2026", "0000-00-00", "2026-13-01", "99999-01-01"]
)
def test_other_dates_are_refused(text):
    assert refusal(values.moment, text, "Asia/Seoul") == "date_syntax"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0001-01-01T00:00:00+14:00", "date_syntax"),
        ("0001-01-02", "date_too_old"),
        ("9999-12-31", "date_in_future"),
        ("2026-11-25", "date_in_future"),
    ],
)
def test_days_outside_of_life_are_refused(text, code):
    now = datetime(2026, 11, 23, 3, tzinfo=UTC)
    assert refusal(values.moment, text, "Asia/Seoul", now=now) == code


def test_births_lie_between_1900_and_today():
    assert values.birth_date("1990/1/2", date(2026, 11, 23)) == "1990-01-02"
    assert refusal(values.birth_date, "1899-12-31") == "date_too_old"
    assert refusal(values.birth_date, "2026-11-24", date(2026, 11, 23)) == "date_in_future"
