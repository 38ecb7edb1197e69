"""Let the clocks of a restored database run by the versions that were in effect, before anything else is decided."""

from collections.abc import Sequence
from datetime import datetime

from compliance.actions import policy_version
from compliance.actions.policy_version import TransitionRefused
from compliance.models import PolicyVersion
from compliance.restore.replays import Tally
from members.actions import reclock
from members.actions.replay_flags import as_task
from members.models import Reclock
from members.rules.replay import TOOK_EFFECT, Event


def put_into_effect(events: Sequence[Event], tally: Tally) -> None:
    """ANNOUNCED -> IN_EFFECT once more, at the moment that the tail tells; a version that is lost is left."""
    later = (PolicyVersion.State.IN_EFFECT, PolicyVersion.State.SUPERSEDED)
    for event in events:
        if event.code != TOOK_EFFECT:
            continue
        mine = PolicyVersion.objects.filter(
            service__slug=event.service, number=event.data["number"]
        )
        version = mine.select_related("service").first()
        if version and version.state in later:
            continue
        try:
            if version is None:
                raise TransitionRefused("lost")
            policy_version.take_effect(version, actor=None, now=event.at)
            tally["versions_in_effect"] += 1
        except TransitionRefused:
            tally.leave(as_task(event))


def follow(names: set[str], tally: Tally, *, now: datetime) -> None:
    """Let last days follow the versions in force; an older archive is worked through once more."""
    if "archive" in names:
        done = Reclock.objects.filter(
            version__in=PolicyVersion.objects.in_effect(), state=Reclock.State.DONE
        )
        done.update(state=Reclock.State.APART, cursor=None, page={}, finished_at=None)
    tally["clocks_moved"] += reclock.run_due(now).done
