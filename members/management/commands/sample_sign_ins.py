"""``manage.py sample_sign_ins``: one sample member per demo service, to try the members' pages with."""

from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from compliance.models import Service
from compliance.restore.commands import OpenCommand
from members import addresses, gate
from members.contacts import address_items
from members.models import DataSubject, Member


class Command(OpenCommand):
    """Refuses by itself to name anybody of a service that is not a demo."""

    help = "Print one sample member's e-mail address for each demo service."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print an address, its service and the language of the person, a line each."""
        for service in Service.objects.live().filter(is_demo=True):
            for address, language in self._first(service):
                self.stdout.write(f"  {address:<34}{service.slug} ({language})")

    def _first(self, service: Service) -> Iterator[tuple[str, str]]:
        samples = Member.objects.filter(service=service, status=DataSubject.Status.ACTIVE)
        person = samples.select_related("service").order_by("pk").first()
        if person is None:
            return
        now = timezone.now()
        items = address_items(gate.policy_for(service, now))
        given = gate.audience([person], "sign_in_code", items, service=service, now=now)[person.pk]
        try:
            yield addresses.pick(given.values, given.decision), person.language
        except addresses.NoAddress:
            return
