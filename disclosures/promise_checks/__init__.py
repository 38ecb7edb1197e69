"""Checks over recipients."""

from compliance import promises
from disclosures.promise_checks import recipients


def register() -> None:
    """Name the checks of this app."""
    promises.register("recipient_posted", recipients.recipient_posted)
    promises.register("recipient_agreement", recipients.recipient_agreement)
