"""The rejoin block answers one question: was this one here, and left within a month; nobody else reads it."""

from datetime import UTC, date, datetime

import pytest

from members import rejoin
from members.actions import destruction, withdrawal
from members.archive.models import RejoinDigest
from tests.tools import cast, source

MAY_NAME_IT = {
    "members/archive/models.py": "defines it",
    "members/actions/segregation.py": "writes it",
    "members/actions/destruction.py": "destroys it",
    "members/rejoin.py": "asks the question at the join form",
    "members/imports/lookup.py": "asks the question for a file",
    "members/admin/apart.py": "counts",
    "members/forecast.py": "counts",
    "members/promise_checks/retention.py": "counts",
    "members/promise_checks/separation.py": "counts",
}
READS_DIGESTS = {"members/rejoin.py", "members/imports/lookup.py"}


@pytest.mark.promise("MIK-5.4a")
def test_nothing_else_in_the_house_reads_the_digests():
    naming, reading = set(), set()
    for file in source.files("compliance", "members", "disclosures"):
        text = file.read_text(encoding="utf-8")
        place = str(file.relative_to(source.ROOT))
        if "/migrations/" in place or "RejoinDigest" not in text:
            continue
        naming.add(place)
        if 'values_list("field", "digest")' in text or "digest__in" in text:
            reading.add(place)
    assert naming <= set(MAY_NAME_IT)
    assert reading == READS_DIGESTS


@pytest.mark.promise("MIK-5.4a")
@pytest.mark.django_db(databases="__all__", transaction=True)
def test_who_left_on_31_january_is_held_on_28_february_and_free_on_1_march():
    mikmik = cast.service()
    person = cast.member(mikmik)
    left = datetime(2027, 1, 31, 3, 0, tzinfo=UTC)
    withdrawal.carry_out(withdrawal.request(person, channel="web", actor=None, now=left), now=left)
    asked = {"email": "MINJI@mail.example", "name": "Minji"}
    assert rejoin.is_held(mikmik, asked, today=date(2027, 2, 28))
    assert not rejoin.is_held(mikmik, {"name": "Minji"}, today=date(2027, 2, 28))
    destruction.release_digests(mikmik, now=datetime(2027, 2, 28, 14, 59, tzinfo=UTC))
    assert RejoinDigest.objects.exists()
    assert not rejoin.is_held(mikmik, asked, today=date(2027, 3, 1))
    destruction.release_digests(mikmik, now=datetime(2027, 2, 28, 15, 0, tzinfo=UTC))
    assert not RejoinDigest.objects.exists()
