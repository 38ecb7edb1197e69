"""The classes that the six years of the other file leave out, each on its exact local day, in all five services.

Figures that a policy leaves to the operator are entered first. The sweeps run just before and just after every local
midnight around the days that are expected, and once a week in between, so that nothing can go early or late unseen.
"""

import tomllib
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from compliance import ledger
from compliance.actions import policy_loading
from compliance.keyring.models import BlindIndex, DataKey
from compliance.models import Account, Service
from compliance.rules import retention
from compliance.selectors import policy_values
from members.actions import case_flag, record, subject, withdrawal
from members.archive.models import ArchivedRecord, RejoinDigest
from members.models import DataSubject, Record
from tests.compliance.rules.policies import SLUGS, preset
from tests.flows.test_six_years import DESTROYING, HALF_A_MINUTE, HOUSEWORK, PEOPLE
from tests.tools import cast, clock

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)
JOINED = cast.JOINED
LEFT = datetime(2027, 1, 31, 3, tzinfo=UTC)
ENTERED = datetime(2027, 1, 30, 3, tzinfo=UTC)
AT_ONCE = date(2027, 1, 31)
WEEK, DAY = timedelta(days=7), timedelta(days=1)

# What an operator has to enter before the rule runs: no figure of the policy.
FIGURES = {
    "krainpop": {
        "legal_period": {"period": "P5Y", "law": "Law of the operator's country"},
        "ip_visit": {"period": "P3M"},
    },
    "mikmik": {"posts_exit": {"period": "P1Y"}},
}
OTHERS = {
    "krainpop": {
        "values": {"name": "Wei", "login_id": "wei-id", "email": "wei@mail.example"},
        "events": {
            "payment": ({"payment_info": "SGD 12"}, {}, "2026-12-01"),
            "visit": ({"ip_address": "203.0.113.9", "visit_date": "2026-11-30"}, {}, "2026-11-30"),
        },
        "gone": {
            "account": AT_ONCE,
            "visit": date(2027, 3, 1),  # 30 November and three months: 28 February.
            "payment": date(2031, 12, 2),
            "legal_period": date(2031, 12, 2),  # The name that travels along.
        },
    },
    "mikmik": {
        "values": {"name": "Minji", "login_id": "minji-id", "mobile": "010-2345-6789"},
        "events": {
            "post": ({"post_content": "Nice shirt"}, {}, "2026-12-01"),
            "cookie": ({"cookie": "s1"}, {"session_ended": "2027-01-29"}, "2027-01-29"),
        },
        "gone": {
            "account": AT_ONCE,
            "cookie": AT_ONCE,
            "post": date(2028, 2, 1),
            "rejoin_identity_1m": date(2027, 3, 1),
        },
    },
    "mikmik/flagged": {
        "case": ("illegal_use_1m", "impersonation"),  # Found on 20 January.
        "values": {"name": "Dohyun", "login_id": "dohyun-id", "mobile": "010-4444-5555"},
        "events": {},
        "gone": {"account": AT_ONCE, "illegal_use_1m": date(2027, 2, 21)},
    },
    "engoo": {
        "values": {"name": "Budi", "email": "budi@mail.example"},
        "events": {"scan": ({"id_document": "KTP"}, {}, "2027-01-20")},  # Not looked at yet.
        "gone": {"account": AT_ONCE, "scan": AT_ONCE},
    },
}


def service_of(slug):
    """A service with its preset and the figures that its operator entered."""
    found = Service.objects.filter(slug=slug).first()
    if found:
        return found
    data = tomllib.loads((cast.PRESETS / f"{slug}.toml").read_text(encoding="utf-8"))
    for row in data["retention"]:
        row |= FIGURES.get(slug, {}).get(row["code"], {})
    result = policy_loading.load(data, file=f"{slug}.toml", actor=None, now=JOINED)
    assert result.version is not None, result.problems
    return result.version.service


class Life:
    """One person, by the name that the table gives each record, and the day on which it was found gone."""

    def __init__(self, name):
        self.plan, slug = OTHERS[name], name.partition("/")[0]
        self.service = service_of(slug)
        self.zone = ZoneInfo(self.service.timezone)
        self.person = subject.register(
            self.service,
            "member",
            language="en",
            values=self.plan["values"],
            source="registration",
            account=Account.objects.create_member(),
            version=cast.version(self.service),
            joined_at=JOINED,
            actor=None,
            now=JOINED,
        )
        self.names = dict.fromkeys(self.person.records.values_list("pk", flat=True), "account")
        for event, (values, anchors, day) in self.plan["events"].items():
            self.names |= {row.pk: event for row in self._happened(values, anchors, day)}
        if "case" in self.plan:
            self._flag(*self.plan["case"])
        self.still, self.gone = set(self.names.values()), {}

    def _happened(self, values, anchors, day):
        return record.keep(
            self.person,
            values,
            occurred_at=datetime.combine(date.fromisoformat(day), time(3), UTC),
            source="orders",
            policy=policy_values(cast.version(self.service)),
            anchors=anchors,
            actor=None,
            now=ENTERED,
        )

    def _flag(self, rule, reason):
        one, other = (cast.officer(name, self.service) for name in ("sora", "hana"))
        flag = case_flag.propose(
            self.person,
            rule_code=rule,
            reason=reason,
            found_on=date(2027, 1, 20),
            actor=one,
            now=ENTERED,
        )
        case_flag.confirm(flag, actor=other, now=ENTERED)

    def leave(self):
        """Leave with one click."""
        self.leaving = withdrawal.request(self.person, channel="web", actor=None, now=LEFT)
        withdrawal.attempt(self.leaving, now=LEFT)

    def look(self, day):
        """Note what went since the last look."""
        live = Record.objects.filter(subject__public_id=self.person.public_id)
        apart = ArchivedRecord.objects.filter(subject__public_id=self.person.public_id)
        digests = RejoinDigest.objects.filter(withdrawal_ref=f"withdrawal:{self.leaving.pk}")
        kept = [*live.values_list("pk", "held_by"), *apart.values_list("pk", "rule_code")]
        held = {self.names.get(pk, rule) for pk, rule in kept}
        held |= set(digests.values_list("rule_code", flat=True))
        self.gone |= dict.fromkeys(self.still - held, day)
        self.still = held

    def days(self):
        """Every day around those that are expected, and one a week in between."""
        last = max(self.plan["gone"].values()) + WEEK
        near = {on + n * DAY for on in self.plan["gone"].values() for n in range(-8, 2)}
        weeks = {AT_ONCE + n * WEEK for n in range(1, (last - AT_ONCE).days // 7)}
        return {day for day in near | weeks if AT_ONCE < day <= last}

    def midnight(self, day):
        """The first moment of a local day."""
        return datetime.combine(day, time(), self.zone).astimezone(UTC)


@pytest.mark.promise("KRN-6.2", "KRN-4.2", "MIK-8.3", "MIK-14.2", "MIK-15.4", "ENG-4.7")
def test_what_the_operator_or_a_case_decides_goes_on_its_own_day_too(smtp_sink):
    lives = {name: Life(name) for name in OTHERS}
    for life in lives.values():
        life.leave()
    for minute in range(3):
        clock.run_at(LEFT + timedelta(minutes=minute), HOUSEWORK)
    for life in lives.values():
        life.look(AT_ONCE)
    looks = [
        (life.midnight(day) + shift, life, day - DAY if shift < timedelta() else day)
        for life in lives.values()
        for day in life.days()
        for shift in (-HALF_A_MINUTE, HALF_A_MINUTE)
    ]
    for at, life, day in sorted(looks, key=lambda one: one[0]):
        clock.run_at(at, DESTROYING)
        if life.still:
            life.look(day)
    assert {name: life.gone for name, life in lives.items()} == {
        name: plan["gone"] for name, plan in OTHERS.items()
    }
    assert not DataSubject.objects.exists() and not ArchivedRecord.objects.exists()
    assert not RejoinDigest.objects.exists()
    assert not DataKey.objects.exists() and not BlindIndex.objects.exists()
    assert ledger.verify().ok


@pytest.mark.promise("ENG-4.7")
def test_a_scan_goes_on_the_day_of_its_check_while_the_member_stays():
    life = Life("engoo")
    Record.objects.filter(pk__in=[pk for pk, name in life.names.items() if name == "scan"]).delete()
    scans = life._happened({"id_document": "KTP"}, {"check_completed": "2027-01-25"}, "2027-01-25")
    midnight = life.midnight(date(2027, 1, 25))  # At once: no day of keeping follows.
    clock.run_at(midnight - HALF_A_MINUTE, DESTROYING)
    assert Record.objects.filter(pk__in=[one.pk for one in scans]).count() == 1
    clock.run_at(midnight + HALF_A_MINUTE, DESTROYING)
    assert not Record.objects.filter(pk__in=[one.pk for one in scans]).exists()
    assert life.person.records.exists()


@pytest.mark.parametrize("slug", SLUGS)
def test_every_class_of_a_member_is_in_one_of_the_two_tables(slug):
    policy = preset(slug)
    items = [row.code for row in policy.items if row.category != "credential"]
    mine = [
        code for code in items if "member" in {e.kind for e in policy.items_by_code[code].subjects}
    ]
    wanted = set(retention.group_by_class(policy, "member", mine))
    values = [
        item
        for table in (PEOPLE, OTHERS)
        for name, plan in table.items()
        if name.partition("/")[0] == slug
        for some in (plan["values"], *(event[0] for event in plan["events"].values()))
        for item in some
    ]
    assert wanted == set(retention.group_by_class(policy, "member", values))
