"""Drafts of policies through the pages of the office, as an officer makes them."""

from typing import Any

from django.test import Client
from django.urls import reverse

from compliance.models import PolicyVersion, Service

PURPOSE = {
    "code": "loyalty_programme",
    "label": "Run a loyalty programme",
    "group": "marketing",
    "basis": "consent",
    "separate_consent": "on",
    "clause": "2.2",
    "items_stated": "on",
}
USE = {
    "clause": "2.2",
    "items": ["name", "email"],
    "purposes": ["loyalty_programme"],
    "subjects": ["member"],
    "stated": "on",
    "needs_consent": "on",
}


def at(name: str, *args: Any) -> str:
    """Return the address of a page of versions."""
    return reverse(f"admin:compliance_policyversion_{name}", args=args)


def copied(client: Client, service: Service) -> PolicyVersion:
    """Copy the policy in force with the button of the list."""
    client.post(at("copy"), {"service": service.pk})
    return service.versions.order_by("-number")[0]


def with_purpose(client: Client, service: Service) -> PolicyVersion:
    """Copy the policy in force and add a purpose and its use."""
    draft = copied(client, service)
    assert client.post(at("row_add", draft.pk, "purposes"), PURPOSE).status_code == 302
    assert client.post(at("row_add", draft.pk, "uses"), USE).status_code == 302
    return draft
