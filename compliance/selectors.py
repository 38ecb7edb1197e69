"""Reads for the outer apps: the policy in force and what it says, as immutable values."""

from datetime import date

from django.db.models import Q, QuerySet

from compliance.models import PolicyFinding, PolicyText, PolicyVersion, Service
from compliance.policy_data import data_of
from compliance.rules import policy_values as values
from compliance.rules.policy_schema import Problem, validate

MOST_REMEMBERED = 200
_FROZEN: dict[tuple[int, str], values.Policy] = {}


def policy_in_force(service: Service, on: date | None = None) -> PolicyVersion | None:
    """Return the version in effect, or with ``on`` the one that was in effect on a local day."""
    versions = service.versions.select_related("service")
    if on is None:
        return versions.in_effect().first()
    was_in_effect = versions.filter(state__in=("in_effect", "superseded"), effective_on__lte=on)
    return was_in_effect.order_by("-effective_on", "-number").first()


def policy_values(version: PolicyVersion) -> values.Policy:
    """Return what a version says; kept in memory once its content is frozen, it never changes then."""
    key = (version.pk, version.content_hash)
    if not (version.is_frozen and version.content_hash):
        return values.from_toml(data_of(version), version=version.number)
    if key not in _FROZEN:
        if len(_FROZEN) >= MOST_REMEMBERED:
            _FROZEN.clear()
        _FROZEN[key] = values.from_toml(data_of(version), version=version.number)
    return _FROZEN[key]


def policy_values_by_id(version_id: int) -> values.Policy:
    """Return what the version with this primary key says."""
    return policy_values(PolicyVersion.objects.select_related("service").get(pk=version_id))


def text_shown(version: PolicyVersion, language: str) -> PolicyText | None:
    """Return the ready text in a reader's language, else in one that the policy is written in."""
    texts = version.texts.filter(ready=True).order_by("position", "pk")
    ready = {text.language: text for text in texts}
    wanted = (language, *version.policy_languages, *ready)
    return next((ready[one] for one in wanted if one in ready), None)


def problems_of(version: PolicyVersion) -> list[Problem]:
    """Return all problems of a draft's rows, as if they stood in a file named after the version."""
    return validate(data_of(version), file=f"{version.service.slug}-{version.number}")


def blocking_findings(service: Service) -> QuerySet[PolicyFinding]:
    """Return the findings of the policy in force that still keep the service in set-up."""
    in_force = Q(version__service=service, version__state=PolicyVersion.State.IN_EFFECT)
    return PolicyFinding.objects.filter(in_force, blocks_live=True, settlement=None).order_by(
        "position"
    )
