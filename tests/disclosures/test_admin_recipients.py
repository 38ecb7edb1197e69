"""Recipients: entered within the policy, changed and ended through the ledger, never deleted."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import translation

from compliance.models import LedgerEntry
from compliance.roles import ROLES, permissions_of
from disclosures.actions import recipient as actions
from disclosures.models import Recipient
from tests.tools import office, visits

pytestmark = pytest.mark.django_db(databases="__all__")
LIST, ADD = (
    reverse("admin:disclosures_recipient_changelist"),
    reverse("admin:disclosures_recipient_add"),
)
FORM = {
    "row": "mikmik/sellers",
    "name": "Seller A",
    "contact_email": "privacy@seller-a.example",
    "country": "KR",
    "since_on": "2026-11-01",
    "items": ["name", "mobile"],
    "purposes": ["seller_fulfilment"],
    "posted_on": "2026-11-01",
    "agreement_reference": "A-2026-1",
    "agreement_until": "2027-10-31",
}


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def mikmik():
    return visits.live("mikmik")


@pytest.fixture
def client(mikmik):
    return office.sign_in(office.officer("officer", mikmik))


def page(view, one):
    return reverse(f"admin:disclosures_recipient_{view}", args=[one.pk])


def codes():
    found = LedgerEntry.objects.filter(code__startswith="disclosures.").order_by("seq")
    return [entry.code for entry in found]


def test_a_recipient_is_added_changed_and_ended(client):
    assert client.post(ADD, FORM).status_code == 302
    one = Recipient.objects.get()
    assert (one.service.slug, one.kind, one.policy_code) == ("mikmik", "third_party", "sellers")
    change = {name: value for name, value in FORM.items() if name not in ("row", "since_on")}
    assert client.post(page("change", one), change | {"items": ["name"]}).status_code == 302
    assert client.post(page("change", one), change | {"items": ["name"]}).status_code == 302
    assert client.post(page("end", one), {"ended_on": "2026-10-01"}).status_code == 200
    assert client.post(page("end", one), {"ended_on": "2026-11-30"}).status_code == 302
    one.refresh_from_db()
    assert one.items == ["name"] and str(one.ended_on) == "2026-11-30"
    assert codes() == [f"disclosures.recipient.{verb}" for verb in ("added", "changed", "ended")]
    assert "Seller A" in client.get(LIST).content.decode()
    assert client.post(page("change", one), change).status_code == 403
    shown = client.get(page("change", one)).content.decode()
    assert "Recipient ended" in shown and "End this recipient" not in shown
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        ({"items": ["password"]}, "items"),
        ({"purposes": ["legal_request"]}, "purposes"),
        ({"agreement_reference": ""}, "agreement_reference"),
        ({"row": "mikmik/nobody"}, "row"),
        ({"row": "leje/sellers"}, "row"),
        ({"name": ""}, "name"),
    ],
)
def test_what_the_policy_does_not_allow_is_refused_at_its_field(client, fault, field):
    answer = client.post(ADD, FORM | fault)
    assert answer.status_code == 200
    assert field in answer.context["adminform"].form.errors
    assert not Recipient.objects.exists() and codes() == []


def test_a_name_runs_only_once(client):
    client.post(ADD, FORM)
    answer = client.post(ADD, FORM)
    assert "running already" in answer.content.decode()
    client.post(page("end", Recipient.objects.get()), {"ended_on": "2026-11-30"})
    assert client.post(ADD, FORM).status_code == 302
    assert Recipient.objects.count() == 2


def test_the_action_itself_refuses_a_second_end_and_an_unknown_row(client, mikmik, now):
    client.post(ADD, FORM)
    one = Recipient.objects.get()
    actions.end(one, ended_on=now.date(), actor=None, now=now)
    with pytest.raises(actions.NotPossible, match="has_ended"):
        actions.end(one, ended_on=now.date(), actor=None, now=now)
    with pytest.raises(actions.NotPossible, match="has_ended"):
        actions.change(one, {"name": "Other", "agreement_reference": "x"}, actor=None, now=now)
    with pytest.raises(actions.NotPossible, match="row_unknown"):
        actions.row_of(mikmik, "nobody")


@pytest.mark.parametrize("role", list(ROLES))
def test_pages_open_by_role(role, mikmik, client):
    client.post(ADD, FORM)
    one = Recipient.objects.get()
    signed_in = office.sign_in(office.officer(role, mikmik, name=f"{role}2".replace("_", "-")))
    granted = permissions_of([role])
    may_view, may_manage = "recipients.view" in granted, "recipients.manage" in granted
    assert signed_in.get(LIST).status_code == (200 if may_view else 403)
    assert (signed_in.get(page("change", one)).status_code == 200) == may_view
    assert (signed_in.get(page("end", one)).status_code == 200) == may_manage
    assert (signed_in.post(page("change", one), {}).status_code == 200) == may_manage


def test_a_recipient_of_another_service_does_not_exist(client):
    leje = visits.live("leje")
    other = Recipient.objects.create(
        service=leje, policy_code="x", name="Elsewhere", kind="processor", since_on="2026-01-01"
    )
    assert "Elsewhere" not in client.get(LIST).content.decode()
    for view in ("change", "history", "end"):
        assert client.get(page(view, other)).status_code == 404
