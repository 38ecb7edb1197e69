"""Services with a policy in force, and small files to import into them."""

import csv
import io
from datetime import UTC, datetime

from django.apps import apps

from compliance import policy_files
from compliance.actions import policy_loading
from compliance.models import Service
from compliance.rules.policy_values import Policy
from compliance.selectors import policy_in_force, policy_values

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
PEOPLE = [
    "external_id",
    "language",
    "joined_at",
    "last_used_at",
    "name",
    "login_id",
    "mobile",
    "email",
]
DATABASES = ("default", "archive", "keyring")


def service(slug: str = "mikmik") -> Service:
    known = Service.objects.filter(slug=slug).first()
    if known:
        return known
    data, problems = policy_files.read(policy_files.preset_file(slug))
    assert not problems
    policy_loading.load(data, file=f"{slug}.toml", actor=None, now=NOW)
    return Service.objects.get(slug=slug)


def policy(slug: str = "mikmik") -> Policy:
    return policy_values(policy_in_force(service(slug)))


def csv_bytes(header, rows, *, delimiter=",", encoding="utf-8") -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerows([header, *rows])
    return text.getvalue().encode(encoding)


def person(number: int, **changes) -> list[str]:
    row = {
        "external_id": f"M-{number}",
        "language": ("ko", "en", "id")[number % 3],
        "joined_at": "2024-03-01",
        "last_used_at": "2026-11-01T10:00",
        "name": f"김사람{number}",
        "login_id": f"person{number}",
        "mobile": f"010-0000-{number:04d}",
        "email": f"person{number}@mail.example",
    }
    return list((row | changes).values())


def people(count: int, start: int = 1) -> bytes:
    return csv_bytes(PEOPLE, [person(number) for number in range(start, start + count)])


def row_counts() -> dict[str, int]:
    """How many rows every table of the three databases holds."""
    found = {}
    for model in apps.get_models():
        if model._meta.proxy:
            continue
        label = model._meta.app_label
        alias = label if label in ("archive", "keyring") else "default"
        found[model._meta.label] = model._base_manager.using(alias).count()
    return found
