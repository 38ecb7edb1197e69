"""Checks over what the study knows: versions, notices, contacts, roles, cookies, certificates, attestations."""

from compliance import promises
from compliance.promise_checks import certificates, cookies, notices, people, publication


def register() -> None:
    """Name the checks of this app."""
    promises.register("version_history_kept", publication.version_history_kept)
    promises.register("holding_announced", publication.holding_announced)
    promises.register("contact_published", publication.contact_published)
    promises.register("notice_in_time", notices.notice_in_time)
    promises.register("role_limits", people.role_limits)
    promises.register("control_attested", people.control_attested)
    promises.register("cookie_declared", cookies.cookie_declared)
    promises.register("destruction_certified", certificates.destruction_certified)
