"""A policy version with other retention rules, from draft to in force, without the letters in between."""

from datetime import UTC, date, datetime
from typing import Any

from compliance.actions import policy_copy
from compliance.models import PolicyRetentionRule, PolicyText, PolicyVersion, Service
from compliance.rules.policy_hash import content_hash
from compliance.selectors import policy_values

DRAFTED = datetime(2026, 11, 1, 3, tzinfo=UTC)
DAY = date(2026, 12, 23)


def draft(service: Service, rules: dict[str, dict[str, Any]]) -> PolicyVersion:
    """Copy the policy in force and change retention rules by code."""
    version = policy_copy.copy_in_force(service, actor=None, now=DRAFTED)
    for code, changes in rules.items():
        row = PolicyRetentionRule.objects.get(version=version, code=code)
        for name, value in changes.items():
            setattr(row, name, value)
        row.save()
    return version


def write_texts(version: PolicyVersion, **bodies: str) -> None:
    """Give a draft these texts, by language, and no others."""
    version.texts.all().delete()
    for place, (language, body) in enumerate(bodies.items()):
        PolicyText.objects.create(
            version=version, language=language, body=body, ready=True, position=place
        )


def put_in_force(version: PolicyVersion, *, on: date = DAY) -> PolicyVersion:
    """Let a draft take the place of the version in force on a day."""
    versions = PolicyVersion.objects.filter(service=version.service)
    digest = content_hash(policy_values(version))
    versions.filter(state="in_effect").update(state="superseded")
    versions.filter(pk=version.pk).update(effective_on=on, content_hash=digest)
    versions.filter(pk=version.pk).update(state="in_effect")
    version.refresh_from_db()
    return version
