"""The officer's way through a revision: copy, change, check, hand in, review, announce."""

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine

from compliance.models import LedgerEntry, Notice, PolicyText, PolicyVersion, Service
from tests.tools import cast, drafts, office
from tests.tools.drafts import at

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)  # Sunday noon in Seoul
LATER = {"effective_on": "2026-12-23"}


@pytest.fixture(autouse=True)
def _noon() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def mikmik() -> Service:
    return cast.service()


@pytest.fixture
def author(mikmik: Service) -> Any:
    return office.sign_in(cast.officer("sora", mikmik))


@pytest.fixture
def second(mikmik: Service) -> Any:
    return office.sign_in(cast.officer("hana", mikmik))


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_two_officers_lead_a_new_purpose_from_copy_to_announcement(
    mikmik: Service, author: Any, second: Any
) -> None:
    cast.member(mikmik, "minji")
    draft = drafts.with_purpose(author, mikmik)
    check = words(author.get(at("check", draft.pk)))
    assert (
        "Important change: announced today, it can take effect on 23 Dec 2026 at the earliest."
        in check
    )
    assert "Purpose added: “Run a loyalty programme”." in check
    assert "Data serves a new purpose." in check
    assert "One person has to agree before the new scope holds for them." in check
    assert "No problems" in check
    soon = author.post(at("check", draft.pk), {"effective_on": "2026-12-22"})
    assert soon.status_code == 422
    assert "can take effect on 23 Dec 2026 at the earliest" in words(soon)
    assert 'value="2026-12-22"' in words(soon)
    author.post(at("check", draft.pk), LATER)
    assert_state(draft, "in_review")
    own = words(author.get(at("review", draft.pk)))
    assert "Another officer has to approve it." in own and "Approve this version" not in own
    refused = author.post(at("review", draft.pk), {"step": "approve"})
    assert refused.status_code == 409 and "Another officer has to approve it." in words(refused)
    review = words(second.get(at("review", draft.pk)))
    assert "One person will be mailed." in review
    assert "takes effect on 23 Dec 2026 at 00:00 (Asia/Seoul)" in review
    assert 'class="mail-preview" lang="ko"' in review and 'class="mail-preview" lang="en"' in review
    office.approve(second, at("review", draft.pk))
    assert_state(draft, "approved")
    assert "Announce now" in words(second.get(at("change", draft.pk)))
    second.post(at("announce", draft.pk))
    assert_state(draft, "announced")
    assert Notice.objects.get().effective_on == date(2026, 12, 23)


def test_every_step_of_the_journey_is_in_the_ledger(
    mikmik: Service, author: Any, second: Any
) -> None:
    draft = drafts.with_purpose(author, mikmik)
    author.post(at("check", draft.pk), LATER)
    office.approve(second, at("review", draft.pk))
    second.post(at("announce", draft.pk))
    entries = LedgerEntry.objects.filter(object_ref=f"policy_version:{draft.pk}").order_by("seq")
    assert list(entries.values_list("code", flat=True)) == [
        "compliance.policy.copied",
        "compliance.policy.row_changed",
        "compliance.policy.row_changed",
        "compliance.policy.submitted",
        "compliance.policy.approved",
        "compliance.policy.announced",
    ]
    added = entries[1].data
    assert (added["table"], added["kind"], added["number"]) == ("purposes", "added", 2)
    history = words(author.get(at("change", draft.pk) + "?tab=history"))
    assert "Row of the draft changed" in history and "Sora" in history


def test_a_reviewer_sends_a_version_back_to_its_author(
    mikmik: Service, author: Any, second: Any
) -> None:
    draft = drafts.with_purpose(author, mikmik)
    author.post(at("check", draft.pk), LATER)
    assert second.post(at("review", draft.pk), {"step": "nothing"}).status_code == 409
    second.post(at("review", draft.pk), {"step": "send_back"})
    assert_state(draft, "draft")


def test_one_officer_approves_alone_where_the_owner_chose_so(mikmik: Service, author: Any) -> None:
    mikmik.one_officer_mode, mikmik.one_officer_reason = True, "The company has one officer."
    mikmik.save()
    draft = drafts.with_purpose(author, mikmik)
    author.post(at("check", draft.pk), LATER)
    assert "Approve this version" in words(author.get(at("review", draft.pk)))
    office.approve(author, at("review", draft.pk))
    assert_state(draft, "approved")


def test_giving_up_says_who_was_told_and_takes_the_notice_down(
    mikmik: Service, author: Any, second: Any
) -> None:
    draft = drafts.with_purpose(author, mikmik)
    author.post(at("check", draft.pk), LATER)
    office.approve(second, at("review", draft.pk))
    second.post(at("announce", draft.pk))
    assert "Nobody was told yet." in words(author.get(at("cancel", draft.pk)))
    author.post(at("cancel", draft.pk))
    assert_state(draft, "cancelled")
    assert Notice.objects.get().state == "withdrawn"


def test_a_change_treated_as_important_by_hand_needs_the_longer_notice(
    mikmik: Service, author: Any
) -> None:
    draft = drafts.copied(author, mikmik)
    clause = draft.clauses.first()
    fields = {
        "id": clause.ident,
        "clause": clause.clause,
        "title": "A clearer title",
        "text": clause.text,
        "obligations": "\n".join(clause.obligations),
        "interpretations": "\n".join(clause.interpretations),
    }
    author.post(at("row", draft.pk, "clauses", clause.pk), fields)
    assert "General change" in words(author.get(at("check", draft.pk)))
    answer = author.post(at("check", draft.pk), {"effective_on": "2026-11-30", "stricter": "on"})
    assert "An important change announced today can take effect on 23 Dec 2026" in words(answer)
    author.post(at("check", draft.pk), {"effective_on": "2026-11-30"})
    assert_state(draft, "in_review")


def test_a_draft_without_change_and_a_form_without_day_say_what_to_do(
    mikmik: Service, author: Any
) -> None:
    draft = drafts.copied(author, mikmik)
    page = words(author.get(at("check", draft.pk)))
    assert "This draft says the same as the policy in force." in page
    assert "Change something first." in words(author.post(at("check", draft.pk), LATER))
    assert "Choose the day" in words(author.post(at("check", draft.pk), {}))


def test_problems_of_a_draft_lead_to_their_rows_and_keep_it_from_review(
    mikmik: Service, author: Any
) -> None:
    draft = drafts.copied(author, mikmik)
    author.post(at("row_add", draft.pk, "purposes"), drafts.PURPOSE)
    purpose = draft.purposes.get(code="loyalty_programme")
    page = words(author.get(at("check", draft.pk)))
    assert at("row", draft.pk, "purposes", purpose.pk) in page
    assert "no use names it" in page
    answer = author.post(at("check", draft.pk), LATER)
    assert answer.status_code == 422 and "still have problems" in words(answer)
    assert_state(draft, "draft")


def test_reading_changes_nothing(mikmik: Service, author: Any) -> None:
    draft = drafts.with_purpose(author, mikmik)
    before = LedgerEntry.objects.count()
    for name in ("change", "check", "review", "announce", "cancel"):
        author.get(at(name, draft.pk))
    assert author.get(at("copy")).status_code == 405
    assert author.post(at("change", draft.pk)).status_code == 405
    assert LedgerEntry.objects.count() == before
    assert_state(draft, "draft")


def assert_state(version: PolicyVersion, state: str) -> None:
    version.refresh_from_db()
    assert version.state == state


def test_what_changed_after_the_page_was_opened_is_not_approved(
    mikmik: Service, author: Any, second: Any
) -> None:
    draft = drafts.with_purpose(author, mikmik)
    author.post(at("check", draft.pk), LATER)
    shown = re.search(
        r'name="shown" value="(\w+)"', second.get(at("review", draft.pk)).content.decode()
    )
    PolicyText.objects.filter(version=draft).update(body="Something else")
    assert shown
    answer = second.post(at("review", draft.pk), {"step": "approve", "shown": shown[1]})
    assert answer.status_code == 409 and "changed after you opened the page" in words(answer)
    assert_state(draft, "in_review")
