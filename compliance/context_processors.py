"""What every page may show about the house itself."""

from django.conf import settings
from django.http import HttpRequest


def house(request: HttpRequest) -> dict[str, object]:
    """Return whether this is the demo, for the strip that says so on every page."""
    return {"demo": settings.DEMO}
