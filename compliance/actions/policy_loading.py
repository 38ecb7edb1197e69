"""Loading a policy file: everything is checked before one row is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from compliance import ledger
from compliance.actions.service import CARRIED
from compliance.models import Account, PolicyText, PolicyVersion, Service
from compliance.policy_data import version_columns, write_rows
from compliance.policy_markdown import LANGUAGE, markdown_of
from compliance.rules.calendar import local_day
from compliance.rules.policy_hash import content_hash
from compliance.rules.policy_schema import Problem, validate
from compliance.rules.policy_values import Policy, from_toml


@dataclass(frozen=True)
class LoadResult:
    """What became of a file: ``created``, ``unchanged``, or its ``problems``."""

    created: bool = False
    unchanged: bool = False
    problems: list[Problem] = field(default_factory=list)
    version: PolicyVersion | None = None


def load(
    data: Any, *, file: str, as_draft: bool = False, actor: Account | None, now: datetime
) -> LoadResult:
    """Load the data of a policy file; a new service gets version 1 in effect.

    The same content again is ``unchanged``. Other content for a known service is a problem, because its
    policy is revised through a draft; ``as_draft`` makes that draft.
    """
    problems = validate(data, file=file)
    if problems:
        return LoadResult(problems=problems)
    policy = from_toml(data)
    try:
        return _load_checked(data, policy, file=file, as_draft=as_draft, actor=actor, now=now)
    except IntegrityError:  # Somebody loaded the same service in this moment: look again.
        return _load_checked(data, policy, file=file, as_draft=as_draft, actor=actor, now=now)


@transaction.atomic
def _load_checked(
    data: Mapping[str, Any],
    policy: Policy,
    *,
    file: str,
    as_draft: bool,
    actor: Account | None,
    now: datetime,
) -> LoadResult:
    service = Service.objects.select_for_update().filter(slug=policy.slug).first()
    clash = _clash(service, policy, file=file)
    if clash:
        return LoadResult(problems=[clash])
    digest = content_hash(policy)
    known = _same_content(service, digest)
    if known:
        return LoadResult(unchanged=True, version=known)
    if service and service.versions.exists() and not as_draft:
        return LoadResult(
            problems=[
                Problem(file, "service", "", "slug", "service_exists", {"value": policy.slug})
            ]
        )
    version = _write(service or _new_service(data, now), data, digest, actor=actor, now=now)
    if not as_draft:
        _put_in_effect(version, policy, now)
    return LoadResult(created=True, version=version)


def _clash(service: Service | None, policy: Policy, *, file: str) -> Problem | None:
    """A promise code belongs to one service for ever, and so does its prefix."""
    owner = Service.objects.filter(obligation_prefix=policy.prefix).first()
    if owner == service and (service is None or service.obligation_prefix == policy.prefix):
        return None
    code, value = (
        ("prefix_taken", owner.slug) if owner else ("prefix_changed", service.obligation_prefix)
    )
    return Problem(file, "service", "", "obligation_prefix", code, {"value": value})


def _same_content(service: Service | None, digest: str) -> PolicyVersion | None:
    if service is None:
        return None
    known = service.versions.exclude(state=PolicyVersion.State.CANCELLED)
    return known.filter(content_hash=digest).order_by("-number").first()


def _new_service(data: Mapping[str, Any], now: datetime) -> Service:
    facts = {name: data["service"][name] for name in ("slug", "obligation_prefix", *CARRIED)}
    return Service.objects.create(created_at=now, **facts)


def _write(
    service: Service, data: Mapping[str, Any], digest: str, *, actor: Account | None, now: datetime
) -> PolicyVersion:
    last = service.versions.order_by("-number").first()
    version = PolicyVersion.objects.create(
        service=service,
        number=last.number + 1 if last else 1,
        content_hash=digest,
        created_by=actor,
        created_at=now,
        **version_columns(data),
    )
    rows = write_rows(version, data)
    body = markdown_of(data)
    PolicyText.objects.bulk_create(
        [PolicyText(version=version, language=LANGUAGE, body=body, ready=True)]
    )
    ledger.record(
        "compliance.policy.loaded",
        actor=actor,
        now=now,
        service=service,
        obj=f"policy_version:{version.pk}",
        data={"number": version.number, "rows": rows, "digest": digest},
    )
    return version


def _put_in_effect(version: PolicyVersion, policy: Policy, now: datetime) -> None:
    version.effective_on = _effective_on(policy, local_day(now, policy.timezone))
    version.state = PolicyVersion.State.IN_EFFECT
    version.taken_effect_at = now
    version.save(update_fields=["effective_on", "state", "taken_effect_at"])


def _effective_on(policy: Policy, today: date) -> date:
    stated = policy.effective_from or policy.established or today
    return min(stated, today)
