"""Start-up check: the triggers that keep the ledger and approved policies as they are exist."""

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register

from compliance import triggers, triggers_ledger, triggers_paper, triggers_policy

REGISTERED = (triggers_ledger.__name__, triggers_paper.__name__, triggers_policy.__name__)


@register(Tags.database, deploy=True)
def triggers_are_installed(
    app_configs: Any, databases: Any = None, **kwargs: Any
) -> list[CheckMessage]:
    """A missing trigger means that somebody lifted it; ``migrate`` puts it back.

    Only with ``check --deploy`` and a ``--database`` for each of them: ``migrate`` runs the other checks
    first and must not be stopped by this one.
    """
    hint = "Run 'manage.py migrate', then 'manage.py verify_ledger'."
    return [
        Error(f"The trigger {name} is missing in {alias}.", hint=hint, id="house.E010")
        for alias in databases or ()
        for name in triggers.missing(alias)
    ]
