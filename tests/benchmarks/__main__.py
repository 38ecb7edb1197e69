"""``make bench``: run every ``bench_*.py`` beside this file and print one JSON line per job.

A benchmark module has ``run(members) -> dict`` with at least ``units`` and ``seconds``; it finds empty
databases and leaves them as it likes. ``--members`` and ``--only`` choose size and jobs. What the lines mean:
``docs/speed.md``.
"""

import argparse
import importlib
import json
import os
import platform
import resource
import sys
import time
from pathlib import Path
from typing import Any

import django
from django.db import connection
from django.test.utils import setup_databases, teardown_databases


def main() -> None:
    """Run the chosen jobs, each on empty databases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=10_000)
    parser.add_argument("--only", default="", help="part of a job's name")
    chosen = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    for file in sorted(Path(__file__).parent.glob("bench_*.py")):
        if chosen.only in file.stem:
            print(json.dumps(_measured(file.stem, chosen.members)), flush=True)


def _measured(name: str, members: int) -> dict[str, Any]:
    module = importlib.import_module(f"tests.benchmarks.{name}")
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        began = time.perf_counter()
        result = module.run(members)
    finally:
        teardown_databases(databases, verbosity=0)
    seconds = result.setdefault("seconds", time.perf_counter() - began)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (
        1 if sys.platform == "darwin" else 1024
    )
    return {
        "job": name.removeprefix("bench_"),
        "database": connection.vendor,
        "members": members,
        **{
            key: round(value, 3) if isinstance(value, float) else value
            for key, value in result.items()
        },
        "per_second": round(result["units"] / seconds) if seconds else None,
        "peak_mib": peak,
        "python": platform.python_version(),
    }


if __name__ == "__main__":
    main()
