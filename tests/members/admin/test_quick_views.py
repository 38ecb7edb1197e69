"""Every quick view above every list leads to a list, for a role that may see it."""

import pytest
from django.contrib import admin
from django.urls import reverse

from tests.tools import office

pytestmark = pytest.mark.django_db(databases="__all__")
VIEWS = [
    pytest.param(model, query, id=f"{model._meta.model_name}-{query or 'all'}")
    for model, page in admin.site._registry.items()
    for _, query in getattr(page, "quick_views", ())
]


@pytest.fixture
def clients(mikmik):
    return [
        office.sign_in(office.officer(role, mikmik, name=f"quick-{role}"))
        for role in ("chief_officer", "administrator")
    ]


@pytest.mark.parametrize(("model", "query"), VIEWS)
def test_a_quick_view_answers(clients, model, query):
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    answers = {client.get(f"{address}?{query}").status_code for client in clients}
    assert answers & {200} and not answers - {200, 403, 404}
