"""Notices before dormancy: who gets one, what it says, what becomes of it."""

import tomllib
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compliance.actions import policy_loading
from compliance.models import LedgerEntry
from members import dormancy
from members.actions import dormancy_notice
from members.models import DataSubject, Delivery, Dormancy
from tests.tools import cast, notices

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.servers]
USED = datetime(2025, 12, 22, 3, tzinfo=UTC)
NOTICE = datetime(2026, 11, 22, 3, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def own_journal(tmp_path, settings):
    settings.JOURNAL_DIR = tmp_path / "journal"


@pytest.fixture
def mikmik():
    return cast.service()


@pytest.fixture
def minji(mikmik):
    return unused(cast.member(mikmik))


def unused(person, since=USED):
    DataSubject.objects.filter(pk=person.pk).update(last_used_at=since)
    person.refresh_from_db()
    return person


def notify(now=NOTICE):
    return dormancy_notice.notify_due(now).done


def movable(service, now):
    return [row.subject_id for row in dormancy.may_be_moved(now, service)]


@pytest.mark.promise("MIK-5.5a")
def test_the_notice_leaves_on_its_day_in_seoul_and_not_before(minji, smtp_sink):
    midnight = datetime(2026, 11, 21, 15, tzinfo=UTC)
    assert notify(midnight - timedelta(seconds=1)) == 0
    assert notify(midnight) == 1
    notices.send(midnight)
    row = Dormancy.objects.get()
    assert (row.state, row.separate_on) == ("noticed", date(2026, 12, 23))
    assert len(smtp_sink.to("minji@mail.example")) == 1


@pytest.mark.promise("MIK-5.5b")
def test_nobody_is_moved_before_the_notice_is_sent_and_its_days_are_over(mikmik, minji, smtp_sink):
    notify()
    after = datetime(2026, 12, 22, 15, tzinfo=UTC)
    assert movable(mikmik, after) == []
    notices.send(NOTICE)
    assert notify(NOTICE + timedelta(hours=1)) == 1
    assert movable(mikmik, after - timedelta(seconds=1)) == []
    assert movable(mikmik, after) == [minji.pk]


@pytest.mark.promise("MIK-5.5a")
def test_a_log_in_between_ends_the_round_and_next_year_begins_anew(mikmik, minji, smtp_sink):
    told()
    unused(minji, datetime(2026, 12, 1, 3, tzinfo=UTC))
    assert movable(mikmik, datetime(2026, 12, 23, 3, tzinfo=UTC)) == []
    assert notify(datetime(2026, 12, 2, 3, tzinfo=UTC)) == 1
    assert not Dormancy.objects.exists()
    assert notify(datetime(2027, 10, 31, 3, tzinfo=UTC)) == 0
    assert notify(datetime(2027, 11, 1, 3, tzinfo=UTC)) == 1
    assert Dormancy.objects.get().separate_on == date(2027, 12, 2)
    assert Delivery.objects.count() == 2


def test_a_notice_on_its_way_is_taken_back_when_the_person_has_signed_in(minji, smtp_sink):
    notify()
    unused(minji, NOTICE + timedelta(minutes=1))
    notices.send(NOTICE + timedelta(minutes=2))
    row = Delivery.objects.get()
    assert (row.state, row.result) == ("cancelled", "used_since")
    assert smtp_sink.accepted() == []


@pytest.mark.promise("MIK-5.5a")
def test_a_notice_sent_late_names_the_later_day_and_moves_nobody_earlier(mikmik, minji, smtp_sink):
    notify()
    late = NOTICE + 5 * DAY
    notices.send(late)
    notify(late)
    assert Dormancy.objects.get().separate_on == date(2026, 12, 28)
    assert "2026년 12월 28일" in text_of(smtp_sink)
    assert movable(mikmik, datetime(2026, 12, 27, 14, 59, tzinfo=UTC)) == []
    assert movable(mikmik, datetime(2026, 12, 27, 15, tzinfo=UTC)) == [minji.pk]


@pytest.mark.parametrize("language", ["en", "ko", "id"])
def test_the_notice_says_what_is_set_aside_when_how_to_prevent_it_and_what_stays(
    mikmik, smtp_sink, language
):
    unused(cast.member(mikmik, language=language))
    told()
    text = text_of(smtp_sink)
    assert f"/{language}/mikmik/sign-in/" in text
    assert f"/{language}/mikmik/account/withdraw/" in text
    if language == "en":
        assert "we set your account aside on 23 Dec 2026" in text
        assert "on 22 Dec 2026 at the latest" in text
        assert "- Records of payment and supply of goods" in text
    assert "Minji" not in text


def test_people_of_other_kinds_leavers_and_other_services_get_none(mikmik, smtp_sink):
    unused(cast.member(cast.service("leje"), "lea", language="en"))
    receiver, leaver = cast.member(mikmik, "rec"), cast.member(mikmik, "away")
    DataSubject.objects.filter(pk=receiver.pk).update(kind="receiver")
    DataSubject.objects.filter(pk=leaver.pk).update(status="leaving", left_at=NOTICE)
    DataSubject.objects.update(last_used_at=USED)
    assert notify() == 0


@pytest.mark.promise("MIK-5.5b")
def test_nobody_without_an_address_is_moved_until_an_officer_has_told_them(mikmik, minji):
    minji.records.update(item_codes=[])
    minji.records.all().delete()
    notify()
    notices.send(NOTICE)
    notify(NOTICE + DAY)
    row = Dormancy.objects.get()
    assert (row.state, row.notice.state) == ("unreached", "unreachable")
    assert movable(mikmik, NOTICE + 400 * DAY) == []
    mina = cast.officer("mina", mikmik)
    tell(row, date(2026, 12, 1), mina, NOTICE + 10 * DAY)
    assert Dormancy.objects.get().separate_on == date(2027, 1, 1)
    assert movable(mikmik, datetime(2026, 12, 31, 14, 59, tzinfo=UTC)) == []
    assert movable(mikmik, datetime(2026, 12, 31, 15, tzinfo=UTC)) == [minji.pk]
    entry = LedgerEntry.objects.get(code="members.dormancy.told")
    assert entry.actor == mina.username
    assert entry.data == {
        "channel": "phone",
        "told_on": "2026-12-01",
        "separate_on": "2027-01-01",
    }


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"channel": "app"}, "channel"),
        ({"channel": "email"}, "channel"),
        ({"on": date(2026, 12, 3)}, "day"),
        ({"on": date(2025, 12, 22)}, "day"),
        ({"state": "told", "told_on": date(2026, 12, 1)}, "not_waiting"),
    ],
)
def test_what_cannot_be_true_is_not_noted(mikmik, minji, change, code):
    notify()
    row = Dormancy.objects.get()
    fields = {key: change[key] for key in ("state", "told_on") if key in change}
    Dormancy.objects.update(**({"state": "unreached"} | fields))
    with pytest.raises(dormancy_notice.NotPossible) as refusal:
        dormancy_notice.tell(
            row,
            channel=change.get("channel", "phone"),
            on=change.get("on", date(2026, 12, 1)),
            actor=cast.officer("mina", mikmik),
            now=datetime(2026, 12, 2, 3, tzinfo=UTC),
        )
    assert refusal.value.code == code


def test_a_longer_period_that_is_in_force_now_lets_nobody_go_early():
    data = tomllib.loads((cast.PRESETS / "mikmik.toml").read_text(encoding="utf-8"))
    (rule,) = (row for row in data["retention"] if row["code"] == "dormancy_1y")
    rule["period"] = "P2Y"
    loaded = policy_loading.load(data, file="mikmik.toml", actor=None, now=cast.JOINED)
    service = loaded.version.service
    person = unused(cast.member(service))
    Dormancy.objects.create(
        subject=person,
        service=service,
        rule_code="dormancy_1y",
        state="told",
        last_used_on=date(2025, 12, 22),
        notice_due_on=date(2026, 11, 22),
        separate_on=date(2026, 12, 23),
        told_on=date(2026, 11, 22),
        told_channel="phone",
        told_by=cast.officer("mina", service),
    )
    assert movable(service, datetime(2026, 12, 23, 3, tzinfo=UTC)) == []
    assert movable(service, datetime(2027, 12, 22, 14, 59, tzinfo=UTC)) == []
    assert movable(service, datetime(2027, 12, 22, 15, tzinfo=UTC)) == [person.pk]


def test_a_second_run_and_a_dry_run_write_nothing(minji):
    assert dormancy_notice.notify_due(NOTICE, dry_run=True).done == 1
    assert not Dormancy.objects.exists()
    assert notify() == 1
    before = LedgerEntry.objects.count()
    assert dormancy_notice.notify_due(NOTICE, dry_run=True).done == notify() == 0
    assert LedgerEntry.objects.count() == before


def test_the_number_of_queries_does_not_depend_on_the_number_of_people(mikmik):
    notices.people(mikmik, 3)
    DataSubject.objects.update(last_used_at=USED)
    with CaptureQueriesContext(connection) as few:
        assert notify() == 3
    notices.people(mikmik, 30, start=10)
    DataSubject.objects.update(last_used_at=USED)
    with CaptureQueriesContext(connection) as many:
        assert notify() == 30
    assert len(many) <= len(few)


def told():
    notify()
    notices.send(NOTICE)
    notify(NOTICE + timedelta(hours=1))


def tell(row, on, actor, now):
    return dormancy_notice.tell(row, channel="phone", on=on, actor=actor, now=now)


def text_of(sink):
    (mail,) = sink.accepted()
    return mail.part("plain")
