"""The one question the rejoin hold answers: was this person here and left within the held time?"""

from collections.abc import Mapping
from datetime import date

from compliance.keyring import digests
from compliance.models import Service
from members.archive.models import RejoinDigest

IDENTIFYING = ("ci", "di", "login_id", "email")  # A name alone identifies nobody.


def is_held(service: Service, values: Mapping[str, str], *, today: date) -> bool:
    """Answer whether any identifying value belongs to a leaver who is still held (MIK-5.4a).

    Example: who left MIKMIK on 31 January 2027 is held on 28 February and free on 1 March.
    """
    return bool(holding(service, values, today=today))


def holding(service: Service, values: Mapping[str, str], *, today: date) -> list[int]:
    """Return the keys of the digests for which the answer is yes."""
    wanted = {
        (item, digests.rejoin(service.slug, item, str(values[item])))
        for item in IDENTIFYING
        if values.get(item)
    }
    held = RejoinDigest.objects.filter(
        service_slug=service.slug, digest__in=[digest for _, digest in wanted], due_on__gte=today
    )
    rows = held.values_list("pk", "field", "digest")
    return [pk for pk, field, digest in rows if (field, bytes(digest)) in wanted]
