"""Download my data: everything that is held in one file, for its person alone, for seven days."""

import csv
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connections
from django.test.utils import CaptureQueriesContext

from compliance import ledger, sweeps
from compliance.keyring import keys
from compliance.keyring.models import DataKey
from members.actions import data_copy
from members.models import DataCopy, Delivery, Record, RightsRequest
from tests.tools import cast, visits

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as moved:
        yield moved


@pytest.fixture
def minji(client):
    found = cast.member(visits.live())
    cast.history(found)
    visits.sign_in(client, "minji-id")
    return found


def ask(client):
    return client.post(visits.at("copy"), follow=True).content.decode()


def written(client):
    ask(client)
    return sweeps.run("copies.write", NOW)


def taken(client):
    return client.post(visits.at("copy_file"))


def unpacked(response):
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        return {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}


@pytest.mark.promise("LEJ-RGT-1")
def test_the_file_holds_everything_that_my_data_shows(client, minji):
    assert written(client).done == 1
    files = unpacked(taken(client))
    assert set(files) >= {"my-data.html", "my-data.json", "items.csv", "requests.csv"}
    whole = json.loads(files["my-data.json"])
    values = [row["value"] for row in whole["items"]]
    rows = list(csv.DictReader(io.StringIO(files["items.csv"])))
    for value in ("Minji", "minji@mail.example", "Shirt 29,000 KRW", "203.0.113.9"):
        assert value in values
        assert value in files["my-data.html"]
        assert value in {row["value"] for row in rows}
    assert all(row["kept"] and row["source"] for row in rows)


def test_the_file_says_what_is_left_out_and_why(client, minji):
    written(client)
    files = unpacked(taken(client))
    whole = json.loads(files["my-data.json"])
    assert any("password" in line for line in whole["left_out"])
    assert "What is left out, and why" in files["my-data.html"]


def test_a_waiting_copy_is_the_same_one_and_a_ready_one_is_replaced(client, minji):
    ask(client)
    ask(client)
    assert DataCopy.objects.count() == 1
    sweeps.run("copies.write", NOW)
    old = DataCopy.objects.get()
    ask(client)
    assert DataCopy.objects.get().pk != old.pk
    assert not keys.existing([old.pk])


def test_the_page_says_how_far_it_is_and_the_person_is_written_to(client, minji):
    assert "Your copy is being made since" in ask(client)
    sweeps.run("copies.write", NOW)
    page = client.get(visits.at("copy")).content.decode()
    assert "Your copy is ready" in page
    assert "5 more times" in page
    assert Delivery.objects.get(event="copy_ready").state == "pending"
    request = RightsRequest.objects.get()
    assert (request.kind, request.state) == ("access", "done")
    assert ledger.verify().ok


def test_after_five_downloads_and_after_seven_days_it_is_gone(client, minji, clock):
    written(client)
    answers = [taken(client).status_code for _ in range(6)]
    assert answers == [200] * 5 + [302]
    written(client)
    clock.move_to(NOW + timedelta(days=7))
    visits.sign_in(client, "minji-id")
    assert taken(client).status_code == 302
    assert sweeps.run("copies.destroy", NOW + timedelta(days=7)).done == 1
    assert not DataCopy.objects.exists()


def test_a_copy_is_sealed_and_goes_with_its_person(client, minji):
    written(client)
    copy = DataCopy.objects.get()
    assert b"minji" not in bytes(copy.sealed)
    client.post(visits.at("withdraw"))
    assert not DataCopy.objects.exists()
    assert not DataKey.objects.filter(id=copy.pk).exists()


def test_a_copy_whose_key_is_destroyed_is_told_to_be_gone(client, minji):
    written(client)
    keys.destroy([DataCopy.objects.get().pk])
    page = client.post(visits.at("copy_file"), follow=True).content.decode()
    assert "This copy is not there any more" in page


def test_nobody_takes_the_copy_of_another(client, minji):
    written(client)
    cast.member(minji.service, "hana", mobile="010-9999-0000")
    client.post(visits.at("sign_out"))
    visits.sign_in(client, "hana-id")
    assert taken(client).status_code == 302
    assert DataCopy.objects.get().downloads == 0


def test_one_copy_that_fails_touches_no_other(client, minji):
    hana = cast.member(minji.service, "hana", mobile="010-9999-0000")
    data_copy.ask(hana, language="ko", now=NOW)
    DataCopy.objects.filter(subject=hana).update(language="no such language")
    ask(client)
    Record.objects.filter(subject=hana).update(occurred_at=NOW)
    damaged = Record.objects.filter(subject=hana).first()
    damaged.sealed = b"damaged"
    damaged.save()
    report = sweeps.run("copies.write", NOW)
    assert report.done == 1
    assert report.skipped == {"failed": 1}
    assert RightsRequest.objects.get(subject=hana).state == "open"


def test_formulas_in_values_do_nothing_in_a_spreadsheet(client):
    cast.member(visits.live(), "eve", mobile="=HYPERLINK(1)")
    visits.sign_in(client, "eve-id")
    written(client)
    rows = csv.DictReader(io.StringIO(unpacked(taken(client))["items.csv"]))
    assert "'=HYPERLINK(1)" in {row["value"] for row in rows}


def test_a_copy_of_many_records_costs_as_many_queries_as_one_of_few(client, minji):
    def queries():
        ask(client)
        with CaptureQueriesContext(connections["default"]) as seen:
            sweeps.run("copies.write", NOW)
        return len(seen)

    queries()
    few = queries()
    visits.many_orders(minji, 200)
    assert queries() == few
