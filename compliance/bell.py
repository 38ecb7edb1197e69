"""Ring the worker after a commit; a dead broker costs a web request 0.3 seconds at most, and no work."""

import logging
import time
from functools import partial

from django.conf import settings
from django.db import transaction
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from compliance.celery import app
from compliance.schedule import BY_NAME

log = logging.getLogger(__name__)
PATIENCE, SILENCE = 0.2, 30.0
_silent_until = 0.0


def nudge(entry: str) -> None:
    """Ask for an entry of the timetable to run soon, once the current transaction is committed."""
    if settings.REDIS_URL:
        transaction.on_commit(partial(_ring, entry))


def _ring(entry: str) -> None:
    global _silent_until
    if time.monotonic() < _silent_until:
        return
    try:
        _probe()
        app.send_task("compliance.run_entry", (entry,), queue=BY_NAME[entry].queue, retry=False)
    except Exception as error:  # The sweep finds the work without the bell.
        _silent_until = time.monotonic() + SILENCE
        log.warning("the bell is silent: %s", type(error).__name__)


def _probe() -> None:
    with Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
        retry=Retry(NoBackoff(), 0),
    ) as broker:
        if not broker.ping():
            raise RedisError("no answer")
