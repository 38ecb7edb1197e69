"""Asked anew, over the timetable: told, asked, answered or silent, in force; later a change that does not happen."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from compliance import ledger, selectors
from compliance.actions import policy_copy, policy_version
from compliance.models import PolicyVersion
from compliance.schedule import TIMETABLE
from members import gate
from members.models import DataSubject, Delivery
from tests.tools import board, cast, clock, widened

pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.servers]

ANNOUNCED = datetime(2026, 11, 22, 3, tzinfo=UTC)  # Noon in Seoul
MIDNIGHT = datetime(2026, 12, 22, 15, tzinfo=UTC)  # 00:00 of 23 December in Seoul
HOUSEWORK = [
    entry.name for entry in TIMETABLE if entry.name not in ("promises.check", "imports.run")
]
NAMES = ("minji", "emma", "budi")


def run(at):
    """Let the timetable run twice at a moment, as the next turns would."""
    for turn in range(2):
        clock.run_at(at + timedelta(seconds=5 * turn), HOUSEWORK)


def announce(service, purpose, item, *, at, on):
    """Let the house announce a version that adds an item for a purpose of its own."""
    officers = (
        cast.officer(f"author-{purpose}", service),
        cast.officer(f"second-{purpose}", service),
    )
    draft = policy_copy.copy_in_force(service, actor=officers[0], now=at)
    widened.widen(draft, purpose, item)
    policy_version.submit(draft, effective_on=on, actor=officers[0], now=at)
    policy_version.approve(draft, actor=officers[1], now=at)
    run(at)
    return PolicyVersion.objects.get(pk=draft.pk)


def visit(person, sink, at, **answers):
    """Sign in by the code of the mail, and answer on the page that the visit leads to."""
    with time_machine.travel(at, tick=True):
        client, before = Client(), len(sink.accepted())
        address = f"{person}@mail.example"
        client.post("/en/mikmik/sign-in/", {"identifier": address})
        clock.run_at(datetime.now(UTC), ["deliveries.send"])
        code = next(
            word
            for word in sink.accepted()[before:][-1].part("plain").split()
            if word.isdigit() and len(word) == 6
        )
        led_to = client.post("/en/mikmik/code/", {"code": code}).url
        if answers:
            client.post("/en/mikmik/account/questions/", {"way": "answer", **answers})
        return led_to


def allowed(person, at, purpose="fitting", item="email"):
    person.refresh_from_db()
    return gate.may_use(person, purpose, [item], now=at).allowed


def letters(sink, words):
    return sorted(
        mail.recipients[0] for mail in sink.accepted() if words in mail.message["Subject"]
    )


@pytest.mark.promise("KRN-4.3", "MIK-11.1", "MIK-11.2", "MIK-3.1b")
def test_a_change_that_asks_for_more_from_the_announcement_to_two_versions_at_once(
    mikmik_live, smtp_sink
):
    people = {
        name: cast.member(mikmik_live, name, language="en", mobile=f"010-5555-000{n}")
        for n, name in enumerate(NAMES)
    }
    DataSubject.objects.update(last_used_at=ANNOUNCED)
    version = announce(mikmik_live, "fitting", "shoe_size", at=ANNOUNCED, on=date(2026, 12, 23))
    everybody = sorted(f"{name}@mail.example" for name in NAMES)
    assert letters(smtp_sink, "policy changes on") == everybody
    assert letters(smtp_sink, "We need your answer about Find shoes that fit") == everybody

    ahead = ANNOUNCED + timedelta(days=1)
    questions = "/en/mikmik/account/questions/"
    assert visit("minji", smtp_sink, ahead, **{"fitting::": "agree"}) == questions
    assert visit("emma", smtp_sink, ahead, **{"fitting::": "disagree"}) == questions
    run(ANNOUNCED + timedelta(days=7))
    reminded = letters(smtp_sink, "We need your answer")
    assert reminded == sorted([*everybody, "budi@mail.example"]), "Only the silent one, once."
    assert not any(allowed(one, ahead) for one in people.values())

    run(datetime(2026, 12, 14, 15, tzinfo=UTC))
    run(MIDNIGHT)
    run(MIDNIGHT + timedelta(minutes=5))
    assert selectors.policy_in_force(mikmik_live).pk == version.pk
    late = MIDNIGHT + timedelta(days=1)
    assert {name: allowed(one, late) for name, one in people.items()} == {
        "minji": True,
        "emma": False,
        "budi": False,
    }
    assert all(allowed(one, late, "contract_contact") for one in people.values())
    binding = {name: one.agreed_version.number for name, one in people.items()}
    assert binding == {"minji": 2, "emma": 1, "budi": 1}, "Two versions are in force at once."
    assert board.verdict(mikmik_live, "asked_anew()", late) == "kept"

    assert visit("emma", smtp_sink, late) == "/en/mikmik/account/", "An answer is not asked again."
    assert visit("budi", smtp_sink, late, **{"fitting::": "agree"}) == questions
    assert allowed(people["budi"], late)
    run(late + timedelta(days=40))
    assert letters(smtp_sink, "We need your answer") == reminded, "After one reminder: silence."
    assert ledger.verify().ok


def test_a_change_that_is_moved_and_then_given_up_is_corrected_once_each(mikmik_live, smtp_sink):
    for n, name in enumerate(NAMES):
        cast.member(mikmik_live, name, language="en", mobile=f"010-5555-000{n}")
    DataSubject.objects.update(last_used_at=ANNOUNCED)
    version = announce(mikmik_live, "fitting", "shoe_size", at=ANNOUNCED, on=date(2026, 12, 23))
    everybody = sorted(f"{name}@mail.example" for name in NAMES)
    day = ANNOUNCED + timedelta(days=3)
    policy_version.move(version, effective_on=date(2027, 1, 20), actor=None, now=day)
    run(day)
    run(day + timedelta(hours=1))
    assert letters(smtp_sink, "moves to 20 Jan 2027") == everybody
    run(MIDNIGHT)
    assert selectors.policy_in_force(mikmik_live).number == 1
    policy_version.cancel(version, actor=None, now=MIDNIGHT)
    for hours in (0, 1, 24 * 40):
        run(MIDNIGHT + timedelta(hours=hours))
    assert letters(smtp_sink, "on 20 Jan 2027 will not happen") == everybody
    assert selectors.policy_in_force(mikmik_live).number == 1
    assert not Delivery.objects.filter(state="pending").exists()
    assert ledger.verify().ok
