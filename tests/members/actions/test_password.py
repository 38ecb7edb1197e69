"""Passwords of people: hashed, not guessable, told by mail, and the end of every other session."""

import unicodedata
from datetime import UTC, datetime

import pytest
from django.contrib.auth.hashers import identify_hasher
from django.core.exceptions import ValidationError

from compliance import ledger
from compliance.models import Account, LedgerEntry, Session
from members import passwords
from members.actions import delivery_send, password
from members.models import DataSubject, Delivery
from tests.tools import cast

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
GOOD = "a kettle sings at noon"


@pytest.fixture
def minji():
    return cast.member(cast.service(), language="en")


def choose(person, raw=GOOD, **more):
    password.set_password(person.account, raw, actor=ledger.THEMSELVES, now=NOW, **more)


def a_session(key, owner):
    Session.objects.create(session_key=key, session_data="x", expire_date=NOW, owner=owner)


@pytest.mark.promise("MIK-12.2.1")
def test_a_password_is_kept_as_an_argon2_hash_alone(minji):
    choose(minji)
    kept = Account.objects.get(pk=minji.account_id)
    assert identify_hasher(kept.password).algorithm == "argon2"
    assert passwords.fits(kept, GOOD)
    assert not passwords.fits(kept, GOOD + " ")
    assert kept.password_changed_at == NOW


@pytest.mark.promise("MIK-12.3.10")
@pytest.mark.parametrize(
    "raw", ["12345678", "kettle sing", "123456789012", "passwordpassword", "kkkkkkkkkkkk"]
)
def test_a_guessable_password_is_refused_with_words_and_changes_nothing(minji, raw):
    with pytest.raises(ValidationError):
        choose(minji, raw)
    assert not Account.objects.get(pk=minji.account_id).has_usable_password()
    assert not Delivery.objects.exists()


def test_twelve_characters_of_one_kind_and_a_thousand_of_any_are_taken(minji):
    for raw in ("kettlesingsx", "하늘을 나는 물고기는 없다고 했다", "k " * 500 + "end"):
        choose(minji, raw)
        assert passwords.fits(minji.account, raw)


def test_the_same_characters_fit_however_a_keyboard_composes_them(minji):
    words = "나는 물고기를 보지 못했다"
    choose(minji, unicodedata.normalize("NFD", words))
    assert passwords.fits(minji.account, unicodedata.normalize("NFC", words))


def test_a_new_password_ends_every_session_but_the_one_that_chose_it(minji):
    other = cast.member(minji.service, "sora")
    a_session("mine", minji.public_id)
    a_session("elsewhere", minji.public_id)
    a_session("by-account", f"account:{minji.account_id}")
    a_session("sora", other.public_id)
    choose(minji, keep_session="mine")
    assert set(Session.objects.values_list("session_key", flat=True)) == {"mine", "sora"}


def test_the_ledger_says_that_and_never_what(minji):
    choose(minji)
    choose(minji, "another kettle sings at one")
    password.remove(minji.account, actor=ledger.THEMSELVES, now=NOW)
    found = LedgerEntry.objects.filter(code__startswith="members.password").order_by("seq")
    assert [(entry.code, entry.data.get("first")) for entry in found] == [
        ("members.password.set", True),
        ("members.password.set", False),
        ("members.password.removed", None),
    ]
    assert all(entry.actor == ledger.PERSON and entry.subject_key for entry in found)


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ("set", "a password was chosen for your account at MIKMIK"),
        ("set set", "the password of your account at MIKMIK was changed"),
        ("set remove", "was taken away"),
    ],
)
def test_the_person_is_told_by_mail_what_changed_and_what_to_do(
    minji, smtp_sink, tmp_path, settings, steps, said
):
    settings.JOURNAL_DIR = tmp_path / "journal"
    for step in steps.split():
        if step == "set":
            choose(minji)
        else:
            password.remove(minji.account, actor=ledger.THEMSELVES, now=NOW)
    delivery_send.send_until(NOW, seconds=30)
    mails = [one for one in smtp_sink.accepted() if said in one.part("plain")]
    mail, text = mails[0].message, mails[0].part("plain")
    assert mail["To"] == "minji@mail.example"
    assert mail["Subject"] == "Your sign-in details were changed"
    assert "23 Nov 2026 12:00 KST" in text
    assert "/en/mikmik/sign-in/" in text
    assert "That was not you?" in text
    assert "List-Unsubscribe" not in mail


def test_nobody_is_told_of_the_password_they_join_with():
    account = Account.objects.create_member()
    password.set_prepared(account, passwords.prepare(GOOD), actor=ledger.THEMSELVES, now=NOW)
    person = cast.member(cast.service())
    DataSubject.objects.filter(pk=person.pk).update(status="joining")
    choose(person)
    assert not Delivery.objects.exists()
    assert passwords.fits(Account.objects.get(pk=account.pk), GOOD)


def test_taking_away_what_is_not_there_says_and_writes_nothing(minji):
    assert not password.remove(minji.account, actor=ledger.THEMSELVES, now=NOW)
    assert not LedgerEntry.objects.filter(code="members.password.removed").exists()


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"is_staff": True, "email": "a@b.example"}]
)
def test_a_closed_account_and_one_of_staff_have_no_password_that_fits_here(minji, change):
    choose(minji)
    Account.objects.filter(pk=minji.account_id).update(**change)
    assert not passwords.fits(Account.objects.get(pk=minji.account_id), GOOD)
    assert not passwords.fits(None, GOOD)
