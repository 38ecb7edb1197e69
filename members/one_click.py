"""The address by which whoever holds a message stops further ones with one click (RFC 8058)."""

import hmac
from uuid import UUID

from compliance.keyring import digests
from compliance.models import Service
from members.models import Delivery

LENGTH = 32  # Hexadecimal digits of the id, and of the proof that the address came from us.


def token(message: UUID) -> str:
    """Return the opaque last part of the address, the same every time: 64 hexadecimal digits."""
    return f"{message.hex}{_proof(message)}"


def message_of(service: Service, given: str) -> Delivery | None:
    """Return the message that an address belongs to; None for one that we did not make, or of another service."""
    try:
        message = UUID(hex=given[:LENGTH])
    except ValueError:
        return None
    if not hmac.compare_digest(_proof(message).encode(), given[LENGTH:].encode()):
        return None
    return (
        Delivery.objects.select_related("subject__service")
        .filter(pk=message, service=service)
        .first()
    )


def _proof(message: UUID) -> str:
    return digests.one_click(message.hex)[:LENGTH]
