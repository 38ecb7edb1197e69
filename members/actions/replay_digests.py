"""Lift again, after a restore, the digests of leavers that were lifted for somebody else's sake (X-MIK-2)."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from compliance.models import Service
from compliance.restore.replays import Tally
from compliance.rules.calendar import local_day
from members.actions.rejoin_lift import name_of
from members.archive.models import RejoinDigest
from members.rules.replay import Freed

BATCH = 500


def lift_again(freed: Sequence[Freed], tally: Tally) -> None:
    """Destroy the digests that were lifted once, wherever they come from: the old archive, or a repeated leaving.

    A leaving after the lifting is another one, even under the same number.
    """
    latest = {(one.service, one.hold): one for one in sorted(freed, key=lambda one: one.at)}
    zones = dict(Service.objects.values_list("slug", "timezone"))
    for part in _parts(iter(latest.values())):
        refs = {one.hold.rpartition(".")[0] for one in part}
        found = RejoinDigest.objects.filter(withdrawal_ref__in=refs)
        gone = [digest.pk for digest in found if _is_freed(digest, latest, zones)]
        RejoinDigest.objects.filter(pk__in=gone).delete()
        tally["digests_lifted"] += len(gone)


def _is_freed(
    digest: RejoinDigest, latest: Mapping[tuple[str, str], Freed], zones: Mapping[str, str]
) -> bool:
    one = latest.get((digest.service_slug, name_of(digest)))
    zone = zones.get(digest.service_slug)
    return bool(one and zone and digest.held_since <= local_day(one.at, zone))


def _parts(rows: Iterator[Freed]) -> Iterator[list[Freed]]:
    while part := list(islice(rows, BATCH)):
        yield part
