"""What happened elsewhere comes in once, starts the clocks, and finds its person."""

import json
from datetime import date

import pytest

from members import gate, selectors
from members.auth import find_purchaser
from members.imports import jobs
from members.models import DataSubject, Record
from tests.members.imports import files
from tests.members.imports.files import csv_bytes, people
from tests.members.imports.test_engine import bring

pytestmark = [pytest.mark.django_db(databases=files.DATABASES), pytest.mark.servers]
HEADER = ["external_ref", "member", "class", "occurred_at", "payment", "supply", "payment_records"]
BUYER = [
    *("external_ref", "member", "class", "occurred_at", "kind", "language", "contract"),
    *("contract_records", "name", "mobile", "email"),
]


def events(rows, header=HEADER, **changes):
    return bring(csv_bytes(header, rows), kind="events", **changes)


def payment(ref="O-1", member="M-1", paid="2026-11-01", supplied="", text="12000 KRW"):
    return [ref, member, "payment_records", "2026-11-01T12:00", paid, supplied, text]


def test_an_event_becomes_a_record_of_its_class_with_its_clock():
    bring(people(1))
    job = events([payment()])
    record = Record.objects.get(record_class="payment_records")
    assert job.outcome["new"] == 1
    assert record.anchors["payment"] == "2026-11-01"
    assert record.item_codes == ["payment_records"]


@pytest.mark.parametrize("member", ["M-1", "person1", "PERSON1@mail.example"])
def test_a_person_is_found_by_number_login_id_or_address(member):
    bring(people(2))
    assert events([payment(member=member)]).outcome["new"] == 1
    assert Record.objects.get(record_class="payment_records").subject == selectors.find_subject(
        files.service(), "login_id", "person1"
    )


def test_the_same_events_again_change_nothing():
    bring(people(1))
    events([payment(), payment("O-2")])
    before = list(Record.objects.values_list("pk", "anchors"))
    assert events([payment(), payment("O-2")]).outcome["same"] == 2
    assert list(Record.objects.values_list("pk", "anchors")) == before


def test_a_supply_date_that_comes_later_completes_the_earlier_row():
    order = ["O-1", "shop-1", "contract_records", "2026-11-01", "nonmember", "ko", "2026-11-01"]
    events([[*order, "1 kettle", "이영희", "01000000009", "buyer@mail.example"]], BUYER)
    events([payment(member="shop-1", paid="2026-11-01")])
    record = Record.objects.get(record_class="payment_records")
    assert record.due_on is None
    job = events([payment(member="shop-1", paid="", supplied="2026-11-05", text="")])
    record.refresh_from_db()
    assert job.outcome["changed"] == 1
    assert record.due_on == date(2031, 11, 5)
    assert record.held_by == "payment_5y"


def test_rows_of_one_file_with_the_same_reference_are_one_event():
    bring(people(1))
    job = events([payment(supplied=""), payment(paid="", supplied="2026-11-05", text="")])
    record = Record.objects.get(record_class="payment_records")
    assert job.outcome["new"] == 1
    assert (record.anchors["payment"], record.anchors["supply"]) == ("2026-11-01", "2026-11-05")


def test_a_changed_text_is_sealed_anew():
    bring(people(1))
    events([payment()])
    old = Record.objects.get(record_class="payment_records").pk
    events([payment(text="13000 KRW")])
    record = Record.objects.get(record_class="payment_records")
    assert record.pk != old
    assert gate.own_values(record.subject)[record.pk] == {"payment_records": "13000 KRW"}


def test_an_unknown_person_is_a_refused_row():
    bring(people(1))
    job = events([payment(member="nobody"), payment("O-2")])
    assert (job.outcome["new"], job.outcome["rejected"]) == (1, 1)
    assert "nobody here has this number" in jobs.rejected_file(job).decode()


def test_last_use_only_moves_forward():
    bring(people(1))
    header = ["external_ref", "member", "class", "occurred_at"]
    rows = [["u1", "M-1", "last_use", "2026-11-20"], ["u2", "M-1", "last_use", "2026-01-01"]]
    job = events(rows, header)
    assert (job.outcome["changed"], job.outcome["same"]) == (1, 1)
    assert DataSubject.objects.get().last_used_at.date() == date(2026, 11, 19)
    assert Record.objects.count() == 1


def test_an_order_without_account_makes_a_purchaser_who_can_be_found_by_order_and_address():
    order = ["N-77", "shop-1", "contract_records", "2026-11-01", "nonmember", "ko", "2026-11-01"]
    more = ["N-78", "shop-1", "contract_records", "2026-11-02", "nonmember", "ko", "2026-11-02"]
    person = ["이영희", "01000000009", "buyer@mail.example"]
    job = events([[*order, "1 kettle", *person], [*more, "2 cups", "", "", ""]], BUYER)
    assert job.outcome["new"] == 2
    subject = find_purchaser(files.service(), "N-77", "buyer@mail.example")
    assert subject.kind == "nonmember"
    assert subject == find_purchaser(files.service(), "N-78", "buyer@mail.example")
    assert subject.records.get(item_codes=["contract_records"], occurred_at__day=31).due_on == date(
        2031, 11, 1
    )


def test_a_purchaser_without_the_required_items_is_refused():
    order = ["N-77", "shop-1", "contract_records", "2026-11-01", "nonmember", "ko", "2026-11-01"]
    job = events([[*order, "1 kettle", "이영희", "", ""]], BUYER)
    assert job.outcome["rejected"] == 1
    assert not DataSubject.objects.exists()


def test_json_lines_are_read_like_a_table():
    bring(people(1))
    line = {"external_ref": "O-1", "member": "M-1", "class": "payment_records"}
    line |= {
        "occurred_at": "2026-11-01",
        "payment": "2026-11-01",
        "payment_records": {"amount": 12000},
    }
    data = "\n".join([json.dumps(line), "", json.dumps(line | {"external_ref": "O-2"})]).encode()
    assert bring(data, kind="events").outcome["new"] == 2
    broken = data + b"\n{not json"
    found = bring(broken, kind="events")
    assert found.outcome["problems"] == 1


def test_an_item_of_another_class_or_kind_is_refused():
    bring(people(1))
    header = [*HEADER, "contract_records", "visit_date"]
    job = events([[*payment(), "1 kettle", ""], [*payment("O-2"), "", "2026-11-01"]], header)
    assert job.outcome["rejected"] == 2


def test_an_event_cannot_be_moved_to_somebody_else():
    bring(people(2))
    events([payment()])
    assert events([payment(member="M-2")]).outcome["rejected"] == 1


def test_an_event_reference_is_never_mistaken_for_a_persons():
    bring(people(2))
    header = ["external_ref", "member", "class", "occurred_at", "enquiry_content"]
    events([["M-2", "M-1", "account_data", "2026-11-01", "Where is my parcel?"]], header)
    assert bring(people(2)).outcome["same"] == 2
