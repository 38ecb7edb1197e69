"""The main job, end to end at fixed dates: a policy changes, everybody is told, one member leaves.

Everything that the house does by itself runs through its timetable; people act through their pages.
"""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from compliance import ledger, selectors
from compliance.actions import policy_copy, policy_version
from compliance.keyring.models import BlindIndex, DataKey
from compliance.models import Certificate, LedgerEntry, PolicyPurpose, PolicyVersion
from compliance.schedule import TIMETABLE
from members import gate
from members.archive.models import ArchivedRecord, ArchivedSubject, RejoinDigest
from members.models import DataSubject, Delivery, Record, Withdrawal
from tests.tools import cast, clock

pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.servers]

ANNOUNCED = datetime(2026, 11, 22, 3, tzinfo=UTC)  # Noon in Seoul
MIDNIGHT = datetime(2026, 12, 22, 15, tzinfo=UTC)  # 00:00 of 23 December in Seoul
LEFT = datetime(2027, 1, 31, 3, tzinfo=UTC)
HOUSEWORK = [
    entry.name for entry in TIMETABLE if entry.name not in ("promises.check", "imports.run")
]


def run(at):
    """Let the timetable run twice at a moment: the second turn finds nothing left to do but later steps."""
    for turn in range(2):
        clock.run_at(at + timedelta(seconds=5 * turn), HOUSEWORK)


@pytest.fixture
def mikmik(mikmik_live):
    return mikmik_live


@pytest.fixture
def people(mikmik):
    members = {
        code: cast.member(mikmik, name, language=code, mobile=f"010-5555-000{n}")
        for n, (code, name) in enumerate((("ko", "minji"), ("en", "emma"), ("id", "budi")))
    }
    cast.history(members["ko"])
    DataSubject.objects.update(last_used_at=ANNOUNCED)  # Nobody is near dormancy.
    return members


def publish(mikmik):
    """Copy the policy, add a purpose, pass review, and let the timetable announce it."""
    author, second = cast.officer("sora", mikmik), cast.officer("hana", mikmik)
    draft = policy_copy.copy_in_force(mikmik, actor=author, now=ANNOUNCED)
    PolicyPurpose.objects.create(
        version=draft,
        position=900,
        code="loyalty_programme",
        label="Run a loyalty programme",
        group="marketing",
        basis="consent",
        separate_consent=True,
        clause="2.2",
        items_stated=False,
    )
    submitted = policy_version.submit(
        draft, effective_on=date(2026, 12, 23), actor=author, now=ANNOUNCED
    )
    policy_version.approve(submitted, actor=second, now=ANNOUNCED)
    run(ANNOUNCED)
    return PolicyVersion.objects.get(pk=draft.pk)


def codes_since(seq):
    """Return what the ledger tells of since an entry; when keys are rolled depends on nobody's leaving."""
    told = LedgerEntry.objects.filter(seq__gt=seq).exclude(code="compliance.certificate.finalised")
    return list(told.order_by("seq").values_list("code", flat=True))


def newest():
    return LedgerEntry.objects.order_by("-seq")[0].seq


@pytest.mark.promise("MIK-0.2", "MIK-20b")
def test_a_policy_change_reaches_everybody_and_takes_effect_on_its_day(mikmik, people, smtp_sink):
    start = newest()
    version = publish(mikmik)
    assert version.state == "announced"
    assert codes_since(start) == [
        "compliance.policy.copied",
        "compliance.policy.submitted",
        "compliance.policy.approved",
        "compliance.policy.announced",
        "compliance.notice.published",
        "members.delivery.planned",
        "members.notice.planned",
        "members.delivery.planned",  # The questions: the new purpose takes an answer.
        "members.notice.planned",
        "members.delivery.sent",
        "members.delivery.sent",
        "members.notice.completed",
    ]
    told = [mail for mail in smtp_sink.accepted() if "/questions/" not in mail.part("plain")]
    assert len(told) == 3 and len(smtp_sink.accepted()) == 6, "each is told, and asked"
    mails = {mail.recipients[0]: mail for mail in told}
    assert set(mails) == {f"{name}@mail.example" for name in ("minji", "emma", "budi")}
    for language, name in (("ko", "minji"), ("en", "emma"), ("id", "budi")):
        mail = mails[f"{name}@mail.example"]
        assert mail.message["Content-Language"] == language
        assert mail.message["List-Unsubscribe"] is None
        for part in ("plain", "html"):
            assert "2026" in mail.part(part) and "/notices/" in mail.part(part)
    with time_machine.travel(ANNOUNCED + timedelta(minutes=1)):
        first_page = Client().get("/en/mikmik/")
        board = Client().get("/en/mikmik/notices/")
    assert b"23" in first_page.content and b"/en/mikmik/notices/" in first_page.content
    assert board.status_code == 200 and b"2026" in board.content

    run(datetime(2026, 12, 14, 15, tzinfo=UTC))
    assert len(smtp_sink.accepted()) == 12, "everybody is reminded of both"
    run(MIDNIGHT - timedelta(seconds=30))
    assert selectors.policy_in_force(mikmik).number == 1
    run(MIDNIGHT)
    assert selectors.policy_in_force(mikmik).number == 2
    assert not gate.may_use(people["en"], "loyalty_programme", ["email"], now=MIDNIGHT).allowed
    assert gate.may_use(people["en"], "contract_contact", ["email"], now=MIDNIGHT).allowed
    run(MIDNIGHT + timedelta(days=1))
    assert len(smtp_sink.accepted()) == 12, "nobody is told twice"
    assert ledger.verify().ok


def sign_in(client, sink, address):
    """Sign in as a person does: ask for a code, read it in the mail, type it."""
    before = len(sink.accepted())
    client.post("/ko/mikmik/sign-in/", {"identifier": address})
    clock.run_at(datetime.now(UTC), ["deliveries.send"])
    [mail] = sink.accepted()[before:]
    code = re.search(r"\b(\d{6})\b", mail.part("plain"))
    assert code and mail.recipients == (address,)
    assert code[1] not in mail.message["Subject"]
    return client.post("/ko/mikmik/code/", {"code": code[1]})


@pytest.mark.promise("MIK-8.1a", "MIK-8.1c", "MIK-5.2a", "MIK-9.1.1")
def test_a_member_signs_in_sees_everything_and_leaves(mikmik, people, smtp_sink):
    minji = people["ko"]
    with time_machine.travel(LEFT, tick=True):
        client = Client()
        assert sign_in(client, smtp_sink, "minji@mail.example").status_code == 302
        data = client.get("/ko/mikmik/account/data/").content.decode()
        for value in ("minji@mail.example", "010-5555-0000", "minji-id", "5.2.2"):
            assert value in data
        start = newest()
        done = client.post("/ko/mikmik/account/withdraw/", follow=True)
        assert done.status_code == 200
        assert client.get("/ko/mikmik/account/").status_code == 302, "the session is dead"
    minji.refresh_from_db()
    assert minji.status == "leaving"
    assert Withdrawal.objects.get().step == "destroyed"
    before = len(smtp_sink.accepted())
    run(LEFT + timedelta(minutes=1))
    run(LEFT + timedelta(minutes=2))
    [confirmation] = smtp_sink.accepted()[before:]
    assert confirmation.recipients == ("minji@mail.example",)
    assert confirmation.message["Content-Language"] == "ko"
    minji.refresh_from_db()
    assert (minji.status, minji.account_id) == ("withdrawn", None)
    assert codes_since(start) == [
        "members.withdrawal.requested",
        "members.delivery.planned",
        "members.withdrawal.confirmation_planned",
        "compliance.effect.intended",
        "compliance.effect.completed",
        "members.record.segregated",
        "compliance.effect.intended",
        "compliance.effect.completed",
        "compliance.certificate.issued",
        "members.record.destroyed",
        "members.delivery.sent",
        "members.delivery.address_destroyed",
        "members.withdrawal.completed",
    ]
    rows_in_all_three_databases(minji)
    nothing_left_after_expiry(minji, mikmik)
    assert ledger.verify().ok


def rows_in_all_three_databases(minji):
    assert not Record.objects.filter(subject=minji).exists()
    assert ArchivedRecord.objects.filter(subject__public_id=minji.public_id).count() == 7
    assert RejoinDigest.objects.count() == 2
    archived = set(ArchivedRecord.objects.values_list("pk", flat=True))
    others = set(Record.objects.values_list("pk", flat=True))
    assert set(DataKey.objects.values_list("pk", flat=True)) == archived | others
    assert set(BlindIndex.objects.values_list("key", flat=True)) <= archived | others
    assert set(Delivery.objects.filter(subject=minji).values_list("sealed", flat=True)) == {None}


def nothing_left_after_expiry(minji, mikmik):
    run(datetime(2030, 5, 6, 14, 59, tzinfo=UTC))
    assert ArchivedRecord.objects.exists()
    run(datetime(2030, 5, 6, 15, 0, tzinfo=UTC))
    assert not ArchivedRecord.objects.exists() and not ArchivedSubject.objects.exists()
    assert not RejoinDigest.objects.exists()
    assert not DataSubject.objects.filter(public_id=minji.public_id).exists()
    kinds = Certificate.objects.filter(service=mikmik).order_by("pk").values_list("kind", flat=True)
    assert sorted(kinds) == ["person", "person", "run", "run"], (
        "on leaving, on each day, at the end"
    )
