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
    wanted = [
        (item, digests.rejoin(service.slug, item, str(values[item])))
        for item in IDENTIFYING
        if values.get(item)
    ]
    held = RejoinDigest.objects.filter(
        service_slug=service.slug, digest__in=[digest for _, digest in wanted], due_on__gte=today
    )
    pairs = {(field, bytes(digest)) for field, digest in held.values_list("field", "digest")}
    return any(pair in pairs for pair in wanted)
