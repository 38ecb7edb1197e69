"""Is the process alive, and can it serve people?"""

from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from compliance import checkpoints, triggers
from compliance.keyring import kek
from compliance.restore import guard


def alive(request: HttpRequest) -> HttpResponse:
    """Answer as long as the process runs."""
    return HttpResponse("ok", content_type="text/plain")


def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 when the three databases and the key are there, else 503 with the names of what is missing.

    ``warnings`` names what serves people still, but is not as it should be.
    """
    missing = [alias for alias in connections if not _answers(alias)]
    missing += [
        f"migrations:{alias}" for alias in connections if alias not in missing and _waits(alias)
    ]
    if not kek.available():
        missing.append("kek")
    if "default" not in missing and triggers.missing("default"):
        missing.append("triggers")
    missing += [f"restored:{name}" for name in guard.names()] if not missing else []
    warnings = checkpoints.warnings(timezone.now()) if not missing else []
    return JsonResponse(
        {"ready": not missing, "missing": missing, "warnings": warnings},
        status=503 if missing else 200,
    )


def _answers(alias: str) -> bool:
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute("select 1")
        return True
    except DatabaseError:
        return False


def _waits(alias: str) -> bool:
    """Tell whether a migration of this code is not in the database yet."""
    executor = MigrationExecutor(connections[alias])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
