"""Six years, day by day: after leaving each record class meets its own fate on the exact local day.

One person per service with every record class leaves on 31 January 2027. The timetable runs just after every
local midnight and the destroying entries once more just before the next one, so that nothing can go a day
early or late unseen. Expected days are written by hand.
"""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from compliance import ledger
from compliance.keyring.models import BlindIndex, DataKey
from compliance.models import Account, Service
from compliance.schedule import TIMETABLE
from compliance.selectors import policy_values
from members.actions import case_flag, record, subject, withdrawal
from members.archive.models import ArchivedRecord, RejoinDigest
from members.models import DataSubject, Record
from tests.tools import cast, clock

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)

JOINED = cast.JOINED
LEFT = datetime(2027, 1, 31, 3, tzinfo=UTC)
NOTHING_TO_DO = ("promises.check", "imports.run", "keys.roll", "ledger.checkpoint")
HOUSEWORK = [
    entry.name
    for entry in TIMETABLE
    if entry.queue in ("retention", "requests") and entry.name not in NOTHING_TO_DO
] + ["deliveries.send"]
DESTROYING = ["retention.destroy", "retention.release_holds"]
HALF_A_MINUTE = timedelta(seconds=30)

AT_ONCE = date(2027, 1, 31)
PEOPLE = {
    "mikmik": {
        "kind": "member",
        "values": {
            "name": "Minji",
            "login_id": "minji-id",
            "mobile": "010-2345-6789",
            "email": "minji@mail.example",
            "address": "1 Sejong-daero",
            "ci": "CI-0001",
        },
        "events": {
            "login": ({"login_records": "10:00", "ip_address": "203.0.113.9"}, {}, "2026-12-01"),
            "old order": ({"contract_records": "Hat"}, {"contract": "2020-01-30"}, "2020-01-30"),
            "order": ({"contract_records": "Shirt"}, {"contract": "2027-01-20"}, "2027-01-20"),
            "payment": (
                {"payment_records": "29,000 KRW"},
                {"payment": "2027-01-20", "supply": "2027-01-25"},
                "2027-01-20",
            ),
            "leap payment": (
                {"payment_records": "9,000 KRW"},
                {"payment": "2024-02-28", "supply": "2024-02-29"},
                "2024-02-28",
            ),
            "complaint": (
                {"complaint_records": "Size"},
                {"case_closed": "2027-01-30"},
                "2027-01-10",
            ),
        },
        "gone": {
            "account": AT_ONCE,
            "old order": AT_ONCE,  # MIK-5.2.4: over already, kept by the membership alone.
            "login": AT_ONCE,  # What stays of it is held by the rule below, under a new key.
            "rejoin_identity_1m": date(2027, 3, 1),
            "rejoin_log_12m": date(2028, 2, 1),
            "leap payment": date(2029, 3, 1),  # 29 February 2024 and five years: 28 February 2029.
            "complaint": date(2030, 1, 31),
            "order": date(2032, 1, 21),
            "payment": date(2032, 1, 26),
            "complaint_3y": date(2030, 1, 31),  # Name and log-in ID that travel along.
            "contract_5y": date(2032, 1, 21),
            "payment_5y": date(2032, 1, 26),
        },
    },
    "leje": {
        "kind": "member",
        "values": {
            "name": "Jiwoo",
            "login_id": "jiwoo-id",
            "mobile": "010-2222-3333",
            "email": "jiwoo@mail.example",
        },
        "events": {
            "log": ({"access_logs": "GET /"}, {}, "2026-11-30"),
            "order": ({"contract_records": "Bag"}, {"contract": "2026-11-22"}, "2026-11-22"),
            "payment": (
                {"payment_records": "50,000 KRW"},
                {"payment": "2026-12-01", "supply": "2026-12-05"},
                "2026-12-01",
            ),
            "complaint": (
                {"complaint_records": "Late"},
                {"case_closed": "2026-12-20"},
                "2026-12-10",
            ),
        },
        "gone": {
            "account": AT_ONCE,
            "log": date(2027, 3, 1),  # 30 November and three months: 28 February.
            "complaint": date(2029, 12, 21),
            "order": date(2031, 11, 23),
            "payment": date(2031, 12, 6),
            "complaint_3y": date(2029, 12, 21),
            "contract_5y": date(2031, 11, 23),
            "payment_5y": date(2031, 12, 6),
        },
    },
    "leje/flagged": {
        "kind": "member",
        "case": ("fraud_hold", "fraud_finding"),
        "values": {
            "name": "Dohyun",
            "login_id": "dohyun-id",
            "mobile": "010-4444-5555",
            "email": "dohyun@mail.example",
            "address": "2 Teheran-ro",
        },
        "events": {},
        "gone": {
            "account": AT_ONCE,  # What the case holds lies apart under a new key.
            "fraud_hold": date(2037, 2, 1),
        },
    },
    "krainpop": {
        "kind": "member",
        "values": {
            "name": "Wei",
            "login_id": "wei-id",
            "email": "wei@mail.example",
            "phone": "+65 6123 4567",
        },
        "events": {},
        "gone": {"account": AT_ONCE},
    },
    "engoo": {
        "kind": "member",
        "values": {"name": "Budi", "email": "budi@mail.example", "phone": "0812 3456 7890"},
        "events": {
            "purchase": (
                {"purchase_history": "Lessons", "payment_records": "IDR"},
                {},
                "2026-12-01",
            )
        },
        "gone": {"account": AT_ONCE, "purchase": AT_ONCE},
    },
    "letsmasak": {
        "kind": "member",
        "values": {"login_id": "aina-id", "nickname": "Aina", "email": "aina@mail.example"},
        "events": {"use": ({"pages_viewed": "Laksa"}, {}, "2026-12-01")},
        "gone": {"account": AT_ONCE, "use": AT_ONCE},
    },
}


class Life:
    """One person: which of their records are still somewhere, by the name that the table above gives them."""

    def __init__(self, name: str) -> None:
        self.name, plan = name, PEOPLE[name]
        self.slug = name.partition("/")[0]
        self.service = Service.objects.filter(slug=self.slug).first() or cast.service(self.slug)
        self.zone = ZoneInfo(self.service.timezone)
        self.person = subject.register(
            self.service,
            plan["kind"],
            language="en",
            values=plan["values"],
            source="registration",
            account=Account.objects.create_member(),
            version=cast.version(self.service),
            joined_at=JOINED,
            actor=None,
            now=JOINED,
        )
        account = self.person.records.values_list("pk", flat=True)
        self.records: dict[UUID, str] = dict.fromkeys(account, "account")
        for name, (values, anchors, day) in plan["events"].items():
            self.records |= dict.fromkeys(self._happened(values, anchors, day), name)
        if "case" in plan:
            self._flag(*plan["case"])
        self.still = set(self.records.values())
        self.gone: dict[str, date] = {}

    def _flag(self, rule: str, reason: str) -> None:
        one, other = (cast.officer(name, self.service) for name in ("sora", "hana"))
        flag = case_flag.propose(
            self.person,
            rule_code=rule,
            reason=reason,
            found_on=date(2026, 12, 1),
            actor=one,
            now=LEFT - timedelta(days=1),
        )
        case_flag.confirm(flag, actor=other, now=LEFT - timedelta(days=1))

    def _happened(self, values, anchors, day):
        kept = record.keep(
            self.person,
            values,
            occurred_at=datetime.combine(date.fromisoformat(day), time(3), UTC),
            source="orders",
            policy=policy_values(cast.version(self.service)),
            anchors=anchors,
            actor=None,
            now=LEFT - timedelta(days=1),
        )
        return [row.pk for row in kept]

    def held(self) -> set[str]:
        """What is still here: records that moved whole by name, parts and digests by their rule."""
        live = Record.objects.filter(subject__public_id=self.person.public_id)
        apart = ArchivedRecord.objects.filter(subject__public_id=self.person.public_id)
        digests = RejoinDigest.objects.filter(service_slug=self.slug)
        kept = [*live.values_list("pk", "held_by"), *apart.values_list("pk", "rule_code")]
        return {self.records.get(pk, rule) for pk, rule in kept} | set(
            digests.values_list("rule_code", flat=True)
        )

    def look(self, day: date) -> None:
        """Note what went since the last look, as gone on a day."""
        held = self.held()
        self.gone |= dict.fromkeys(self.still - held, day)
        self.still = held

    def midnight(self, day: date) -> datetime:
        """The first moment of a local day."""
        return datetime.combine(day, time(), self.zone).astimezone(UTC)


def days(first: date, last: date):
    day = first
    while day <= last:
        yield day
        day += timedelta(days=1)


@pytest.mark.promise(
    *("MIK-5.2.1", "MIK-5.2.2", "MIK-5.2.3", "MIK-5.2.4", "MIK-5.4a", "MIK-5.4b", "MIK-9.1"),
    *("LEJ-RET-0", "LEJ-RET-2", "LEJ-RET-3", "LEJ-RET-4", "LEJ-RET-5", "KRN-6.1", "ENG-4", "LMK-2"),
)
def test_each_record_class_goes_on_its_own_day_and_never_earlier_or_later(smtp_sink):
    lives = [Life(name) for name in PEOPLE]
    for life in lives:
        leaving = withdrawal.request(life.person, channel="web", actor=None, now=LEFT)
        withdrawal.attempt(leaving, now=LEFT)
    for minute in range(3):
        clock.run_at(LEFT + timedelta(minutes=minute), HOUSEWORK)
    look(lives, AT_ONCE)
    assert [life.name for life in lives if life.still] == ["mikmik", "leje", "leje/flagged"]
    run_days(lives[:3], date(2027, 2, 1), date(2033, 2, 1), HOUSEWORK)
    run_days(lives[:3], date(2033, 2, 2), date(2037, 2, 2), DESTROYING)  # Only the case is left.
    gone = {life.name: life.gone for life in lives}
    assert gone == {name: plan["gone"] for name, plan in PEOPLE.items()}
    assert not DataSubject.objects.exists() and not ArchivedRecord.objects.exists()
    assert not DataKey.objects.exists() and not BlindIndex.objects.exists()
    assert ledger.verify().ok


def run_days(lives, first, last, housework):
    """Run the end and the beginning of every local day of Seoul, and look after each."""
    for day in days(first, last):
        midnight = lives[0].midnight(day)
        clock.run_at(midnight - HALF_A_MINUTE, DESTROYING)
        look(lives, day - timedelta(days=1))
        clock.run_at(midnight + HALF_A_MINUTE, housework)
        look(lives, day)


def look(lives, day):
    """Let everybody of whom something is left note what went."""
    for life in lives:
        if life.still:
            life.look(day)
