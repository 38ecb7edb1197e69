"""Two files at the same moment: the same person comes in once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections

from compliance.models import Job
from members.imports import jobs
from members.models import DataSubject
from tests.members.imports import files
from tests.members.imports.files import NOW, people

pytestmark = [pytest.mark.servers]
LATER = NOW + timedelta(minutes=10)


def ready(service, rows=3):
    """A previewed file with the same people, asked to be applied."""
    data = people(rows)
    job = jobs.hand_in(service, data, kind_of_file="people", actor=None, now=NOW)
    jobs.run_to_end(job, now=NOW)
    assert jobs.ask_apply(job, actor=None, now=NOW)
    return job


@pytest.mark.django_db(databases=files.DATABASES)
def test_while_one_file_is_put_in_another_of_the_service_waits():
    service = files.service("mikmik")
    first, second = ready(service), ready(service)
    running = {"state": Job.State.RUNNING, "lease_until": NOW + jobs.LEASE}
    Job.objects.filter(pk=first.pk).update(**running)
    assert not jobs.run_slice(second, now=NOW, chunks=1)
    assert not DataSubject.objects.filter(service=service).exists()
    assert jobs.run_to_end(second, now=LATER).outcome["new"] == 3


@pytest.mark.django_db(databases=files.DATABASES, transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time")
def test_the_same_file_three_times_at_once_brings_everybody_once():
    service = files.service("mikmik")
    waiting = [ready(service) for _ in range(3)]

    def run(job):
        try:
            jobs.run_to_end(job, now=NOW)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(run, waiting))
    for job in waiting:
        job.refresh_from_db()
        jobs.run_to_end(job, now=NOW)
    assert DataSubject.objects.filter(service=service).count() == 3
