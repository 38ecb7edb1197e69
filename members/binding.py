"""Which versions of a policy bind what is held about a person: from the one agreed to up to the one that is applied.

Source: MIK-5.1a and X-MIK-21: held only for the period announced and consented to; longer holding needs consent.
"""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from compliance.models import PolicyVersion
from compliance.rules.policy_values import Policy
from compliance.selectors import policy_values

State = PolicyVersion.State


@dataclass
class Binding:
    """The versions that were in force before ``policy``; one query, whatever is asked of it."""

    policy: Policy
    _known: dict[int, tuple[Policy, ...]] = field(default_factory=dict)

    def earlier(self, agreed_version_id: int | None, since: date) -> tuple[Policy, ...]:
        """Return the versions before the applied one that still bound its periods, oldest first.

        They begin with the version agreed to; for people who never agreed to anything, with the one in force
        on ``since``, the local day of the event, which was the one announced to them.
        """
        if agreed_version_id is not None:
            return self.since_number(self.number_of(agreed_version_id))
        announced = self.announced(since)
        return self.since_number(announced.number if announced else 0)

    def since_number(self, number: int) -> tuple[Policy, ...]:
        """Return the versions before the applied one from a number on, oldest first."""
        if number not in self._known:
            before = (v for v in self.versions if number <= v.number < self.policy.version)
            self._known[number] = tuple(policy_values(version) for version in before)
        return self._known[number]

    def number_of(self, version_id: int) -> int:
        """Return the number of a version; that of the applied one for a version that was never in force."""
        numbers = {version.pk: version.number for version in self.versions}
        return numbers.get(version_id, self.policy.version)

    def announced(self, on: date) -> PolicyVersion | None:
        """Return the version in force on a local day, before the first one the first; None without any."""
        begun = [v for v in self.versions if v.effective_on and v.effective_on <= on]
        return next(reversed(begun), next(iter(self.versions), None))

    @cached_property
    def versions(self) -> list[PolicyVersion]:
        """Return the versions of the service that are or were in force, oldest first."""
        held = PolicyVersion.objects.filter(
            service__slug=self.policy.slug, state__in=(State.SUPERSEDED, State.IN_EFFECT)
        )
        return list(held.select_related("service").order_by("number"))
