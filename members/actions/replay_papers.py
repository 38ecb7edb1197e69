"""What is proved on paper, again after a restore: steps of the paper register and certificates of destruction."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from compliance.models import Service
from compliance.restore import certificates, paper
from compliance.restore.replays import Tally
from members.actions import replay_flags, replay_leaving
from members.rules.replay import CERTIFIED, PAPER, Event


def say_again(events: Sequence[Event], tally: Tally, *, now: datetime) -> None:
    """Write what is missing in its order; what the backup knows too little of is left for a person."""
    services = {one.slug: one for one in Service.objects.all()}
    for event in events:
        try:
            if event.code in PAPER:
                step = paper.say_again(event.code, event.ref, event.actor, event.data, at=event.at)
                tally["paper_steps"] += step
            elif event.code == CERTIFIED:
                run = event.ref or event.data.get("run", "")
                if run.startswith("withdrawal:"):
                    replay_leaving.finish(event.subject_key, run, tally, now=now)
                tally["certificates"] += certificates.issue_again(
                    _service(services, event), event.subject_key, run, event.data, at=event.at
                )
        except (paper.NotPossible, certificates.NotTold):
            tally.leave(replay_flags.as_task(event))


def _service(services: Mapping[str, Service], event: Event) -> Service:
    if event.service not in services:
        raise certificates.NotTold(event.ref)
    return services[event.service]
