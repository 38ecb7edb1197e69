"""The board as a whole: verdicts written down, changes in the ledger, any company's policy, and the command."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections
from django.test.utils import CaptureQueriesContext

from compliance import obligations, promise_words, promises, sweeps
from compliance.actions import attestation, promise_check
from compliance.actions.policy_loading import load
from compliance.models import LedgerEntry, PromiseCheck
from compliance.policy_files import PRESET_NAMES
from compliance.promise_gaps import gaps
from compliance.promises import CheckContext, EvidenceRefused, Finding
from compliance.rules.promises import Binding, Verdict
from compliance.rules.terms import CHECK_KINDS
from members.models import RightsRequest
from tests.compliance.policy_files import boot_shop, ferry
from tests.tools import cast

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.servers]
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)


@pytest.fixture
def letsmasak():
    return cast.service("letsmasak")


def current(service):
    return {row.code: row for row in PromiseCheck.objects.filter(service=service, current=True)}


def asked_late(service):
    return RightsRequest.objects.create(
        reference="R1",
        service=service,
        kind="rectification",
        channel="web",
        received_at=NOW - timedelta(days=20),
        due_at=NOW - timedelta(days=1),
    )


def test_every_kind_of_check_that_a_policy_can_name_is_live():
    assert promises.kinds() == CHECK_KINDS == frozenset(promise_words.CHECKS)


def test_the_list_of_missing_parts_names_only_promises_and_parts_we_know():
    assert set(gaps()) <= set(obligations.all_codes())
    assert set(gaps().values()) <= set(promise_words.REASONS)


def test_a_check_writes_one_row_per_promise_and_one_entry(letsmasak):
    report = promise_check.check_service(letsmasak, now=NOW)
    assert set(current(letsmasak)) == set(obligations.all_codes("letsmasak"))
    entry = LedgerEntry.objects.get(code="compliance.promise.checked")
    assert entry.data == {verdict.value: report.counts[verdict.value] for verdict in Verdict}
    assert sum(entry.data.values()) == 18


def test_history_grows_only_when_a_verdict_changes(letsmasak):
    promise_check.check_service(letsmasak, now=NOW)
    promise_check.check_service(letsmasak, now=NOW + timedelta(days=1))
    assert PromiseCheck.objects.count() == 18
    row = current(letsmasak)["LMK-1"]
    assert (row.since, row.checked_at) == (NOW, NOW + timedelta(days=1))


def test_a_promise_that_turns_broken_is_told_and_its_past_is_kept(letsmasak):
    promise_check.check_service(letsmasak, now=NOW)
    was = current(letsmasak)["LMK-2d"].verdict
    late = asked_late(letsmasak)
    report = promise_check.check_service(letsmasak, now=NOW + timedelta(hours=1))
    assert report.broke == ["LMK-2d"]
    told = LedgerEntry.objects.get(code="compliance.promise.broke")
    assert (told.object_ref, told.clause) == ("promise:LMK-2d", "2(d)")
    assert told.data == {"promise": "LMK-2d", "before": was}
    late.delete()
    promise_check.check_service(letsmasak, now=NOW + timedelta(hours=2))
    rows = PromiseCheck.objects.filter(code="LMK-2d").order_by("since")
    assert [(row.verdict, row.current) for row in rows] == [
        (was, False),
        ("broken", False),
        (was, True),
    ]


def test_a_part_that_is_missing_hides_behind_no_check_that_is_fine(letsmasak):
    found = {one.code: one for one in promise_check.look(letsmasak, now=NOW)}["LMK-2b"]
    assert found.verdict == "not_built"
    assert found.evidence[-1]["reason"] == "analytics"


def test_a_check_that_fails_hides_no_other(letsmasak, monkeypatch):
    def fails(context: CheckContext) -> Finding:
        raise RuntimeError("somebody@example.org")

    monkeypatch.setitem(promises._checks, "contact_published", fails)
    found = {one.code: one for one in promise_check.look(letsmasak, now=NOW)}
    assert (found["LMK-2k"].verdict, found["LMK-1"].verdict) == ("at_risk", "kept")
    assert "somebody" not in json.dumps(found["LMK-2k"].evidence)


@pytest.mark.parametrize(
    "value", ["minji@mail.example", "two\nlines", "x" * 161, {"name": "Minji"}, None]
)
def test_evidence_takes_codes_counts_and_dates_only(letsmasak, monkeypatch, value):
    monkeypatch.setitem(
        promises._checks, "never_collected", lambda _: promises.found(Verdict.KEPT, row=value)
    )
    context = CheckContext(letsmasak, cast.version(letsmasak), None, {}, NOW)
    with pytest.raises(EvidenceRefused):
        promises.run(Binding("LMK-1", "1", "never_collected"), context)


def test_no_value_of_a_person_reaches_the_evidence():
    mikmik = cast.service()
    cast.history(cast.member(mikmik, "minji"))
    promise_check.check_service(mikmik, now=NOW)
    shown = json.dumps([row.evidence for row in current(mikmik).values()])
    for value in ("minji", "Minji", "mail.example", "2345", "203.0.113", "29,000"):
        assert value not in shown


def test_a_board_of_many_people_costs_as_many_queries_as_one_of_few():
    mikmik = cast.service()
    cast.history(cast.member(mikmik))

    def queries():
        with (
            CaptureQueriesContext(connections["default"]) as live,
            CaptureQueriesContext(connections["archive"]) as apart,
        ):
            promise_check.look(mikmik, now=NOW)
        return len(live) + len(apart)

    few = queries()
    for number in range(12):
        cast.history(cast.member(mikmik, f"member{number}"))
    assert queries() <= few


@pytest.mark.parametrize("data", [boot_shop(), ferry()], ids=["boots", "ferry"])
def test_a_company_nobody_has_seen_gets_its_board_from_its_own_policy(data):
    result = load(data, file="sixth.toml", actor=None, now=NOW)
    report = promise_check.check_service(result.version.service, now=NOW)
    code = data["clauses"][0]["obligations"][0]
    row = current(result.version.service)[code]
    assert sum(report.counts.values()) == 1
    checks = {line["check"] for line in row.evidence}
    assert {"retention_rule_met", "notice_in_time", "right_in_time"} <= checks
    assert not any(line.get("reason") == "check_failed" for line in row.evidence)


def test_the_nightly_entry_checks_every_service_and_a_dry_run_writes_nothing(letsmasak):
    assert sweeps.run("promises.check", NOW, dry_run=True).done == 18
    assert not PromiseCheck.objects.exists()
    assert sweeps.run("promises.check", NOW).done == 18
    assert PromiseCheck.objects.count() == 18


def told(*arguments):
    out = StringIO()
    call_command("promises", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_lists_every_promise_of_the_register_and_of_a_sixth_company(letsmasak):
    load(boot_shop(), file="boots.toml", actor=None, now=NOW)
    rows = json.loads(told("--format", "json"))
    assert {row["code"] for row in rows} == {*obligations.all_codes(), "BOO-1"}
    assert len(rows) == 239
    for row in rows:
        assert set(row) == {"service", "code", "clause", "verdict", "evidence"}
        assert row["verdict"] in set(Verdict)
        assert isinstance(row["evidence"], list) and row["clause"]
    absent = [row for row in rows if row["service"] == "mikmik"]
    assert Counter(row["verdict"] for row in absent) == {"not_built": 123}
    assert absent[0]["evidence"][0]["reason"] == "service_not_loaded"
    assert not PromiseCheck.objects.exists()


def test_the_command_prints_counts_writes_down_on_request_and_fails_on_request(letsmasak):
    text = told("--service", "letsmasak", "--check")
    assert "letsmasak: 18 promises" in text and "LMK-2d" in text
    assert PromiseCheck.objects.count() == 18
    told("--service", "letsmasak", "--fail-on", "broken")
    asked_late(letsmasak)
    RightsRequest.objects.update(due_at=NOW - timedelta(days=1000))
    with pytest.raises(SystemExit):
        told("--service", "letsmasak", "--fail-on", "broken")
    with pytest.raises(CommandError):
        told("--service", "nowhere")


def test_everything_shown_has_words():
    for name in PRESET_NAMES:
        for one in promise_check.look(cast.service(name), now=NOW):
            for line in one.evidence:
                assert not line.get("reason") or line["reason"] in promise_words.REASONS
                facts = {key for key in line if not key.startswith("for_")}
                assert facts - {"check", "clause", "verdict", "reason", "page"} <= set(
                    promise_words.FACTS
                )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"attested_on": (NOW + timedelta(days=2)).date()}, "day_ahead"),
        ({"evidence_ref": "jin@office.example"}, "no_reference"),
        ({"evidence_ref": "  "}, "no_reference"),
    ],
)
def test_an_attestation_of_a_day_ahead_or_without_reference_is_refused(letsmasak, changes, reason):
    values = {
        "obligation": "LMK-2c",
        "control": "x",
        "attested_on": NOW.date(),
        "evidence_ref": "File 7",
    }
    with pytest.raises(attestation.AttestationRefused, match=reason):
        attestation.attest(letsmasak, actor=cast.officer("jin"), now=NOW, **(values | changes))
