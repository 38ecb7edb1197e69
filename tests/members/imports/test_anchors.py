"""Every event at which a clock can start comes in, is stored, and gives the live record its last day at once."""

from datetime import date

import pytest

from compliance.rules import terms
from members.models import DataSubject, Record
from members.rules.event_check import anchor_names
from tests.members.imports import files
from tests.members.imports.files import people
from tests.members.imports.test_engine import bring
from tests.members.imports.test_events import BUYER, HEADER, events
from tests.tools import versions

pytestmark = [pytest.mark.django_db(databases=files.DATABASES), pytest.mark.servers]
ORDER = ["O-1", "shop-1", "contract_records", "2026-11-01", "nonmember", "ko", "2026-11-01"]
OWN = {"period": "P3M", "basis": "policy", "mandatory": False, "blocked_by": []}


def test_the_names_of_all_clock_starts_are_known():
    asked = {
        *[
            "membership_left",
            "contract",
            "withdrawal",
            "payment",
            "supply",
            "case_closed",
            "record_created",
        ]
    }
    asked |= {"last_use", "purchase_confirmed", "partnership_ended", "illegal_use_found"}
    assert asked <= anchor_names() and set(terms.TRIGGER) <= anchor_names()


@pytest.mark.parametrize(
    ("trigger", "column"),
    [
        ("membership_left", "membership_left"),
        ("contract_or_withdrawal", "contract"),
        ("contract_or_withdrawal", "contract_withdrawn"),
        ("case_closed", "case_closed"),
        ("record_created", "record_created"),
        ("last_use", "last_use"),
        ("purchase_confirmed", "purchase_confirmed_on"),
        ("partnership_ended", "partnership_ended"),
        ("illegal_use_found_or_left", "illegal_use_found"),
    ],
)
def test_an_event_that_comes_later_moves_the_last_day_of_the_live_record_at_once(trigger, column):
    events([[*ORDER, "1 kettle", "이영희", "01000000009", "buyer@mail.example"]], BUYER)
    service = files.service()
    versions.put_in_force(versions.draft(service, {"payment_5y": {**OWN, "trigger": trigger}}))
    header = [*HEADER[:4], column, HEADER[-1]]
    row = ["O-1", "shop-1", "payment_records", "2026-11-01T12:00"]
    events([[*row, "", "12000 KRW"]], header)
    record = Record.objects.get(record_class="payment_records")
    assert record.due_on == (date(2027, 2, 1) if trigger == "record_created" else None)
    assert events([[*row, "2026-11-20", ""]], header).outcome["changed"] == 1
    record.refresh_from_db()
    assert (record.due_on, record.held_by) == (date(2027, 2, 20), "payment_5y")


def test_a_last_use_is_a_fact_of_the_person():
    bring(people(1))
    row = ["U-1", "M-1", "last_use", "2026-11-20T12:00", "", "", ""]
    assert events([row]).outcome["changed"] == 1
    assert DataSubject.objects.get().last_used_at.date() == date(2026, 11, 20)
