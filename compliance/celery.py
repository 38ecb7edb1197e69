"""The bell: Celery rings, the database knows what is due."""

import os

from celery import Celery
from celery.signals import worker_init
from django.conf import settings
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "compliance.settings")

app = Celery("compliance")
QUEUES = ("notices", "requests", "retention", "disclosures")


def _filesystem_transport() -> dict[str, object]:
    folder = settings.BROKER_DIR
    folder.mkdir(parents=True, exist_ok=True)
    return {
        "data_folder_in": str(folder),
        "data_folder_out": str(folder),
        "control_folder": str(folder / "control"),
    }


def _redis_transport() -> dict[str, object]:
    return {"visibility_timeout": 300, "unacked_restore_interval": 10}


def configure() -> None:
    """Set the broker by the environment: Redis where one is named, folders under ``var/`` elsewhere."""
    redis = bool(settings.REDIS_URL)
    app.conf.update(
        broker_url=settings.REDIS_URL or "filesystem://",
        broker_transport_options=_redis_transport() if redis else _filesystem_transport(),
        broker_connection_retry_on_startup=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        task_time_limit=280,  # Shorter than the broker waits before it hands a task to somebody else.
        task_soft_time_limit=240,
        worker_soft_shutdown_timeout=50.0,
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        task_default_queue="requests",
        worker_hijack_root_logger=False,
        timezone="UTC",
        beat_schedule_filename=str(settings.VAR_DIR / "beat"),
        beat_schedule={"tick": {"task": "compliance.tick", "schedule": 30.0 if redis else 3.0}},
    )


configure()
app.autodiscover_tasks(["compliance", "members", "disclosures"])


@worker_init.connect
def refuse_without_key(**_: object) -> None:
    """End the worker at its start when the key-encryption key is missing or wrong; say so when closed."""
    import_string("compliance.keyring.kek.require")()
    import_string("compliance.restore.guard.at_start")()
