"""The pages of the people whom a restore report speaks of."""

from collections.abc import Iterable, Mapping

from compliance.restore import people
from members.admin.reveal_source import page_of
from members.models import DataSubject


def register() -> None:
    """Let the office open the person of a line."""
    people.register(pages)


def pages(public_ids: Iterable[str]) -> Mapping[str, str]:
    """Return the address of each person who is known here, by public id."""
    found = DataSubject.objects.filter(public_id__in=set(public_ids)).select_related("service")
    return {one.public_id: page_of(one) for one in found}
