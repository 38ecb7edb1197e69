"""A policy file becomes a draft whole, or nothing is written and everything wrong is said."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from compliance.models import PolicyVersion, Service
from tests.tools import cast, office
from tests.tools.drafts import at

pytestmark = pytest.mark.django_db(databases="__all__")
MIKMIK = (cast.PRESETS / "mikmik.toml").read_text(encoding="utf-8")


@pytest.fixture
def client() -> Any:
    return office.sign_in(cast.officer("sora", cast.service()))


def sent(client: Any, text: str | bytes, name: str = "mikmik.toml") -> Any:
    content = text.encode() if isinstance(text, str) else text
    return client.post(at("upload"), {"file": SimpleUploadedFile(name, content)})


def test_all_faults_of_a_file_are_listed_with_table_row_and_field(client: Any) -> None:
    faulty = (
        MIKMIK.replace('period = "P5Y"', 'period = "5 years"', 1)
        .replace('group = "security"', 'group = "safety"', 1)
        .replace('timezone = "Asia/Seoul"', 'timezone = "Seoul"', 1)
        + '\n[[purposes]]\ncode = "two words"\nstrange = 1\n'
    )
    answer = sent(client, faulty)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Nothing was written" in page and "mikmik.toml has" in page
    for words in (
        "“5 years” is not a duration",
        "“safety” is not allowed",
        "“Seoul” is not a time zone",
    ):
        assert words in page
    assert "“two words” is not a code" in page and "This field is not known." in page
    assert "Retention rules" in page and "contract_5y" in page and ">Period<" in page
    assert PolicyVersion.objects.count() == 1


def test_what_is_no_policy_file_is_refused(client: Any) -> None:
    for content in ("not toml", b"\xff\xfe", "a = 1"):
        assert sent(client, content).status_code == 422
    assert client.post(at("upload"), {}).status_code == 422
    assert PolicyVersion.objects.count() == 1


def test_a_sound_file_becomes_a_draft_and_the_same_again_nothing(client: Any) -> None:
    changed = MIKMIK.replace("min_group_size = 10", "min_group_size = 20", 1)
    answer = sent(client, changed)
    draft = PolicyVersion.objects.get(number=2)
    assert answer["Location"] == at("change", draft.pk)
    assert draft.state == "draft" and draft.min_group_size == 20
    assert sent(client, changed).status_code == 302
    assert PolicyVersion.objects.count() == 2


def test_a_file_for_a_service_of_others_or_a_new_one_is_refused(client: Any) -> None:
    cast.service("leje")
    before = PolicyVersion.objects.count(), Service.objects.count()
    for slug in ("leje", "engoo"):
        text = (cast.PRESETS / f"{slug}.toml").read_text(encoding="utf-8")
        answer = sent(client, text + "\n# changed\n", f"{slug}.toml")
        assert answer.status_code == 422
        assert "no service for which you may write" in answer.content.decode()
    assert (PolicyVersion.objects.count(), Service.objects.count()) == before
