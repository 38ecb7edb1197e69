"""Hold a request for one transition: whoever comes second sees what the first one did."""

from members.models import RightsRequest

OPEN = (RightsRequest.State.OPEN, RightsRequest.State.WAITING)


def open_one(request: RightsRequest) -> RightsRequest | None:
    """Lock and return a request that is still open, inside the caller's transaction; None for a closed one."""
    found = RightsRequest.objects.select_for_update(of=("self",))
    locked = found.select_related("subject__service", "service").get(pk=request.pk)
    return locked if locked.state in OPEN else None
