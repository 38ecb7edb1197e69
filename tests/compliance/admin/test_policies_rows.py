"""Rows, facts and texts of a draft in the office."""

from typing import Any

import pytest
from django.http import QueryDict

from compliance import selectors
from compliance.actions import policy_version
from compliance.admin.policy_forms import SINGLE, FactsForm, RowForm
from compliance.models import LedgerEntry, PolicyItem, PolicyPurpose, PolicyVersion, Service
from compliance.models.policy_tables import TABLE_MODELS
from compliance.policy_data import data_of
from tests.tools import cast, drafts, office
from tests.tools.drafts import at

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def mikmik() -> Service:
    return cast.service()


@pytest.fixture
def author(mikmik: Service) -> Any:
    return office.sign_in(cast.officer("sora", mikmik))


@pytest.fixture
def draft(mikmik: Service, author: Any) -> PolicyVersion:
    return drafts.copied(author, mikmik)


def posted(form: RowForm) -> QueryDict:
    """What a browser sends for a form that is saved as it is."""
    sent = QueryDict(mutable=True)
    for field in form:
        value = field.value()
        if field.widget_type == "checkbox":
            if value:
                sent[field.html_name] = "on"
        elif isinstance(value, bool):
            sent[field.html_name] = str(value).lower()
        elif isinstance(value, list | tuple):
            sent.setlist(field.html_name, value)
        elif value is not None:
            sent[field.html_name] = str(value)
    return sent


@pytest.mark.parametrize("slug", ["mikmik", "letsmasak", "leje", "krainpop", "engoo"])
def test_saving_a_row_as_it_is_changes_nothing(slug: str) -> None:
    version = cast.version(cast.service(slug))
    data = data_of(version)
    changed = []
    for table in TABLE_MODELS:
        for row in data[table]:
            form = RowForm(
                table, posted(RowForm(table, None, data=data, row=row)), data=data, row=row
            )
            if not form.is_valid() or form.told() != row:
                changed.append((table, row.get("code"), form.errors.as_text()))
    for table in SINGLE:
        blank = FactsForm(table, None, data=data, row=data[table])
        form = FactsForm(table, posted(blank), data=data, row=data[table])
        own = {name: value for name, value in data[table].items() if name in form.spec}
        if not form.is_valid() or form.told() != own:
            changed.append((table, "", form.errors.as_text()))
    assert changed == []


@pytest.mark.parametrize("table", list(TABLE_MODELS))
def test_every_table_has_a_form_without_anything_inline(
    table: str, draft: PolicyVersion, author: Any
) -> None:
    row = TABLE_MODELS[table].objects.filter(version=draft).first()
    for url in (at("row_add", draft.pk, table), at("row", draft.pk, table, row.pk)):
        answer = author.get(url)
        assert answer.status_code == 200
        assert b"style=" not in answer.content
        assert b"onclick" not in answer.content


def test_a_faulty_row_is_refused_beside_its_fields_and_the_input_is_kept(
    draft: PolicyVersion, author: Any
) -> None:
    rule = {**drafts.PURPOSE, "code": "not a code", "label": ""}
    answer = author.post(at("row_add", draft.pk, "purposes"), rule)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "is not a code" in page or "This field is required" in page
    assert 'value="not a code"' in page
    taken = author.post(
        at("row_add", draft.pk, "purposes"), {**drafts.PURPOSE, "code": "advertising"}
    )
    assert "is used by an earlier row already" in taken.content.decode()
    assert not PolicyPurpose.objects.filter(version=draft, label="Run a loyalty programme").exists()


def test_an_item_is_added_with_the_people_it_is_collected_from(
    draft: PolicyVersion, author: Any
) -> None:
    item = {
        "code": "shoe_size",
        "label": "Shoe size",
        "category": "profile",
        "member_requirement": "optional",
        "member_moment": "profile",
        "member_clause": "3.2",
    }
    author.post(at("row_add", draft.pk, "items"), item)
    made = PolicyItem.objects.get(version=draft, code="shoe_size")
    [subject] = made.subjects.all()
    assert (subject.kind, subject.requirement, subject.moment) == ("member", "optional", "profile")
    nobody = author.post(
        at("row_add", draft.pk, "items"), {**item, "code": "hat", "member_requirement": ""}
    )
    assert nobody.status_code == 422 and "At least one kind of person" in nobody.content.decode()


def test_a_row_is_changed_and_removed_with_an_entry_each(draft: PolicyVersion, author: Any) -> None:
    author.post(at("row_add", draft.pk, "purposes"), drafts.PURPOSE)
    author.post(at("row_add", draft.pk, "uses"), drafts.USE)
    purpose = draft.purposes.get(code="loyalty_programme")
    author.post(at("row", draft.pk, "purposes", purpose.pk), {**drafts.PURPOSE, "label": "Points"})
    assert draft.purposes.get(pk=purpose.pk).label == "Points"
    asked = author.get(at("row_remove", draft.pk, "purposes", purpose.pk)).content.decode()
    assert "These rows mention it" in asked
    author.post(at("row_remove", draft.pk, "purposes", purpose.pk))
    assert not draft.purposes.filter(pk=purpose.pk).exists()
    kinds = [
        entry.data["kind"]
        for entry in LedgerEntry.objects.filter(code="compliance.policy.row_changed").order_by(
            "seq"
        )
    ]
    assert kinds == ["added", "added", "changed", "removed"]


def test_facts_of_the_service_are_changed_in_the_draft_only(
    mikmik: Service, draft: PolicyVersion, author: Any
) -> None:
    data = data_of(draft)
    sent = posted(FactsForm("service", None, data=data, row=data["service"]))
    sent["operator"] = "Another Company, Inc."
    assert author.post(at("facts", draft.pk, "service"), sent).status_code == 302
    draft.refresh_from_db()
    mikmik.refresh_from_db()
    assert draft.operator == "Another Company, Inc." and mikmik.operator != draft.operator
    assert policy_version.compare(draft).change_class == "important"


def test_a_text_is_looked_at_saved_and_marked_ready(draft: PolicyVersion, author: Any) -> None:
    body = "## 2.2 Purposes\n\nWe run a **loyalty programme**.<script>alert(1)</script>"
    looked = author.post(at("text", draft.pk, "ko"), {"body": body, "preview": "1"})
    page = looked.content.decode()
    assert "<strong>loyalty programme</strong>" in page and "<script>alert" not in page
    assert not draft.texts.filter(language="ko").exists()
    author.post(at("text", draft.pk, "ko"), {"body": body, "ready": "on"})
    text = draft.texts.get(language="ko")
    assert text.ready and text.body == body
    empty = author.post(at("text", draft.pk, "ko"), {"body": " ", "ready": "on"})
    assert empty.status_code == 422
    assert author.get(at("text", draft.pk, "xx")).status_code == 404


def test_a_change_of_a_draft_makes_its_old_digest_void(draft: PolicyVersion, author: Any) -> None:
    PolicyVersion.objects.filter(pk=draft.pk).update(content_hash="a" * 64)
    author.post(at("row_add", draft.pk, "purposes"), drafts.PURPOSE)
    draft.refresh_from_db()
    assert draft.content_hash == ""


@pytest.mark.parametrize("state", ["in_review", "approved", "in_effect"])
def test_a_forged_post_on_a_version_that_is_no_draft_changes_nothing(
    state: str, mikmik: Service, draft: PolicyVersion, author: Any
) -> None:
    version = cast.version(mikmik) if state == "in_effect" else draft
    PolicyVersion.objects.filter(pk=draft.pk).update(state=state if version is draft else "draft")
    before = data_of(version), LedgerEntry.objects.count()
    row = version.purposes.first()
    answers = [
        author.post(at("row", version.pk, "purposes", row.pk), drafts.PURPOSE),
        author.post(at("row_add", version.pk, "purposes"), drafts.PURPOSE),
        author.post(at("row_remove", version.pk, "purposes", row.pk)),
        author.post(at("facts", version.pk, "service"), {"name": "x"}),
        author.post(at("text", version.pk, "en"), {"body": "x"}),
        author.post(at("check", version.pk), {"effective_on": "2027-12-23"}),
    ]
    assert [answer.status_code for answer in answers] == [409] * len(answers)
    assert (data_of(version), LedgerEntry.objects.count()) == before
    assert selectors.policy_in_force(mikmik).number == 1
    page = author.get(at("row", version.pk, "purposes", row.pk)).content.decode()
    assert "can only be read" in page and "Save in this draft" not in page


def test_suggested_figures_are_marked_as_such(mikmik: Service, author: Any) -> None:
    page = author.get(at("change", cast.version(mikmik).pk) + "?tab=says").content.decode()
    assert "suggested, not promised" in page
