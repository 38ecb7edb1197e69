"""The way of a policy version: class computed, date counted, a second officer, and its day."""

from datetime import UTC, date, datetime, timedelta

import pytest

from compliance import selectors
from compliance.actions import policy_copy, policy_version
from compliance.actions.policy_version import TransitionRefused
from compliance.models import LedgerEntry, Notice, PolicyPurpose, PolicyVersion, VersionFrozen
from tests.tools import cast

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)  # Sunday noon in Seoul


@pytest.fixture
def mikmik():
    return cast.service()


@pytest.fixture
def author(mikmik):
    return cast.officer("sora", mikmik)


@pytest.fixture
def second(mikmik):
    return cast.officer("hana", mikmik)


@pytest.fixture
def draft(mikmik, author):
    version = policy_copy.copy_in_force(mikmik, actor=author, now=NOW)
    PolicyPurpose.objects.create(
        version=version,
        position=900,
        code="loyalty_programme",
        label="Run a loyalty programme",
        group="marketing",
        basis="consent",
        separate_consent=True,
        clause="2.2",
        items_stated=False,
    )
    return version


def refused(reason):
    return pytest.raises(TransitionRefused, match=f"^{reason}$")


@pytest.mark.promise("MIK-20b")
def test_a_new_purpose_is_important_and_a_date_too_soon_is_refused_with_the_earliest(draft, author):
    with refused("too_soon") as info:
        policy_version.submit(draft, effective_on=date(2026, 12, 22), actor=author, now=NOW)
    assert info.value.params == {"earliest": date(2026, 12, 23), "change_class": "important"}
    submitted = policy_version.submit(draft, effective_on=date(2026, 12, 23), actor=author, now=NOW)
    assert (submitted.state, submitted.change_class) == ("in_review", "important")
    assert submitted.change_reasons[0]["reason"] == "purpose_added"


@pytest.mark.promise("MIK-20a")
def test_a_wording_fix_is_general_and_needs_seven_whole_days(mikmik, author):
    version = policy_copy.copy_in_force(mikmik, actor=author, now=NOW)
    clause = version.clauses.first()
    clause.title += " (clarified)"
    clause.save()
    with refused("too_soon"):
        policy_version.submit(version, effective_on=date(2026, 11, 29), actor=author, now=NOW)
    done = policy_version.submit(version, effective_on=date(2026, 11, 30), actor=author, now=NOW)
    assert done.change_class == "general"


def test_a_stricter_class_by_hand_counts(mikmik, author):
    version = policy_copy.copy_in_force(mikmik, actor=author, now=NOW)
    clause = version.clauses.first()
    clause.title += " (clarified)"
    clause.save()
    version.stricter_by_hand = True
    version.save()
    with refused("too_soon"):
        policy_version.submit(version, effective_on=date(2026, 11, 30), actor=author, now=NOW)


def test_a_draft_without_change_is_refused(mikmik, author):
    version = policy_copy.copy_in_force(mikmik, actor=author, now=NOW)
    with refused("nothing_changed"):
        policy_version.submit(version, effective_on=date(2027, 1, 31), actor=author, now=NOW)


def test_a_draft_whose_rows_contradict_each_other_is_refused_with_every_problem(draft, author):
    use = draft.uses.first()
    use.items = [*use.items, "shoe_size"]
    use.save()
    with pytest.raises(policy_version.ProblemsLeft) as info:
        policy_version.submit(draft, effective_on=date(2027, 1, 31), actor=author, now=NOW)
    assert [problem.table for problem in info.value.problems] == ["uses"]


def test_nobody_approves_an_own_version(draft, author, second):
    version = policy_version.submit(draft, effective_on=date(2026, 12, 23), actor=author, now=NOW)
    with refused("own_version"):
        policy_version.approve(version, actor=author, now=NOW)
    with refused("own_version"):
        policy_version.approve(version, actor=None, now=NOW)
    approved = policy_version.approve(version, actor=second, now=NOW)
    assert approved.state == "approved" and len(approved.content_hash) == 64


def test_one_officer_may_approve_alone_where_the_owner_chose_so(mikmik, draft, author):
    mikmik.one_officer_mode, mikmik.one_officer_reason = True, "The company has one officer."
    mikmik.save()
    version = policy_version.submit(draft, effective_on=date(2026, 12, 23), actor=author, now=NOW)
    assert policy_version.approve(version, actor=author, now=NOW).state == "approved"


def test_an_approved_version_never_changes(draft, author, second):
    version = approved(draft, author, second)
    with pytest.raises(VersionFrozen):
        version.purposes.first().save()


def test_an_approval_that_comes_too_late_for_the_day_is_refused(draft, author, second):
    version = policy_version.submit(draft, effective_on=date(2026, 12, 23), actor=author, now=NOW)
    with refused("too_soon"):
        policy_version.approve(version, actor=second, now=NOW + timedelta(days=1))


@pytest.mark.promise("MIK-0.2")
def test_the_announcement_shows_on_the_notice_board_and_on_the_first_page(draft, author, second):
    notice = policy_version.announce(approved(draft, author, second), actor=None, now=NOW)
    assert set(notice.places) == {"homepage_notice", "first_page"}
    assert (notice.event, notice.effective_on) == ("policy_revision_important", date(2026, 12, 23))
    assert notice.beyond_promise and notice.reminder_on == date(2026, 12, 15)
    assert list(Notice.objects.showing(NOW)) == [notice]


def test_a_version_takes_effect_at_local_midnight_when_everybody_is_told(draft, author, second):
    version = approved(draft, author, second)
    notice = policy_version.announce(version, actor=None, now=NOW)
    midnight = datetime(2026, 12, 22, 15, tzinfo=UTC)
    assert policy_version.due_to_take_effect(midnight - timedelta(seconds=1)) == []
    [due] = policy_version.due_to_take_effect(midnight)
    assert policy_version.hindrance(due, now=midnight) == "messages_open"
    Notice.objects.filter(pk=notice.pk).update(completed_at=NOW)
    assert policy_version.hindrance(due, now=midnight) == ""
    with refused("day_not_reached"):
        policy_version.take_effect(due, actor=None, now=midnight - timedelta(seconds=1))
    old = selectors.policy_in_force(version.service)
    policy_version.take_effect(due, actor=None, now=midnight)
    old.refresh_from_db()
    assert old.state == "superseded"
    assert selectors.policy_in_force(version.service).number == 2


@pytest.mark.promise("MIK-0.1")
def test_the_text_in_force_on_any_past_day_can_be_asked_for(draft, author, second):
    version = approved(draft, author, second)
    notice = policy_version.announce(version, actor=None, now=NOW)
    Notice.objects.filter(pk=notice.pk).update(completed_at=NOW)
    policy_version.take_effect(version, actor=None, now=datetime(2026, 12, 22, 15, tzinfo=UTC))
    on = selectors.policy_in_force
    assert on(version.service, date(2017, 1, 20)).number == 1
    assert on(version.service, date(2026, 12, 22)).number == 1
    assert on(version.service, date(2026, 12, 23)).number == 2
    assert on(version.service, date(2017, 1, 19)) is None


def test_a_cancelled_version_takes_its_notice_down(draft, author, second):
    version = approved(draft, author, second)
    policy_version.announce(version, actor=None, now=NOW)
    policy_version.cancel(version, actor=author, now=NOW)
    assert not Notice.objects.showing(NOW + timedelta(seconds=1)).exists()
    with refused("wrong_state"):
        policy_version.take_effect(version, actor=None, now=NOW)


def test_every_step_is_in_the_ledger_in_its_order(draft, author, second):
    version = approved(draft, author, second)
    notice = policy_version.announce(version, actor=None, now=NOW)
    Notice.objects.filter(pk=notice.pk).update(completed_at=NOW)
    policy_version.take_effect(version, actor=None, now=datetime(2026, 12, 22, 15, tzinfo=UTC))
    codes = [
        code
        for code in LedgerEntry.objects.order_by("seq").values_list("code", flat=True)
        if ".policy." in code or ".notice." in code
    ]
    assert codes == [
        "compliance.policy.loaded",
        "compliance.policy.copied",
        "compliance.policy.submitted",
        "compliance.policy.approved",
        "compliance.policy.announced",
        "compliance.notice.published",
        "compliance.policy.superseded",
        "compliance.policy.took_effect",
    ]


def approved(draft: PolicyVersion, author, second) -> PolicyVersion:
    version = policy_version.submit(draft, effective_on=date(2026, 12, 23), actor=author, now=NOW)
    return policy_version.approve(version, actor=second, now=NOW)
