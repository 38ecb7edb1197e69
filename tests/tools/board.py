"""Ask single checks of the promise board, bound as the policy of a service binds them."""

from datetime import datetime

from compliance import promises, selectors
from compliance.models import Service
from compliance.promises import CheckContext, Finding
from compliance.rules.promises import derive_bindings
from tests.tools import cast


def finding(of: Service, key: str, now: datetime) -> Finding:
    """Return what the check of a binding finds. Example key: ``retention_rule_met(rule=payment_5y)``."""
    version = cast.version(of)
    policy = selectors.policy_values(version)
    binding = next(one for one in derive_bindings(policy) if one.key == key)
    return promises.run(binding, CheckContext(of, version, policy, binding.params, now))


def verdict(of: Service, key: str, now: datetime) -> str:
    """Return the verdict of a binding's check."""
    return finding(of, key, now).verdict.value
