"""``manage.py load_policy`` loads all or says everything that is wrong, one line each."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from compliance.models import PolicyVersion, Service

pytestmark = [pytest.mark.django_db, pytest.mark.servers]


def run(*arguments):
    out, err = StringIO(), StringIO()
    status = 0
    try:
        call_command("load_policy", *map(str, arguments), stdout=out, stderr=err, no_color=True)
    except CommandError as error:
        status = error.returncode
    return status, out.getvalue().splitlines(), err.getvalue().splitlines()


def test_all_presets_load_and_load_again_unchanged():
    status, out, err = run("--preset", "all")
    assert (status, err) == (0, [])
    assert "mikmik.toml: loaded as version 1" in out
    assert Service.objects.count() == 5
    status, out, _ = run("--preset", "all")
    assert status == 0
    assert all("unchanged" in line for line in out)
    assert PolicyVersion.objects.count() == 5


def test_without_a_file_the_call_is_wrong():
    assert run()[0] == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a = [", "not a TOML file"),
        (b"\xff\xfe", "not a TOML file"),
        (b"a = 1" + b"0" * 6000, "not a TOML file"),
        (b"a = " + b"[" * 5000, "not a TOML file"),
        (b"", "version of the schema"),
    ],
)
def test_a_file_that_is_no_policy_is_explained(tmp_path: Path, content: bytes, words: str):
    file = tmp_path / "sixth.toml"
    file.write_bytes(content)
    status, _, err = run(file)
    assert status == 1
    assert any(words in line and line.startswith("sixth.toml: ") for line in err)


def test_a_missing_file_and_a_folder_are_explained(tmp_path: Path):
    assert "cannot be read" in run(tmp_path / "none.toml")[2][0]
    assert "cannot be read" in run(tmp_path)[2][0]


def test_a_faulty_file_names_table_row_and_field_and_a_sound_one_still_loads(tmp_path: Path):
    source = Path("compliance/presets/leje.toml").read_text(encoding="utf-8")
    file = tmp_path / "leje.toml"
    file.write_text(source.replace('period = "P3M"', 'period = "3 months"', 1), encoding="utf-8")
    status, out, err = run(file, "--preset", "engoo")
    assert status == 1
    assert err[0].startswith("leje.toml: retention[")
    assert "].period: “3 months” is not a duration" in err[0]
    assert "engoo.toml: loaded as version 1" in out
    assert list(Service.objects.values_list("slug", flat=True)) == ["engoo"]


def test_check_only_writes_nothing():
    assert run("--check", "--preset", "mikmik")[:2] == (0, ["mikmik.toml: no problems"])
    assert not Service.objects.exists()
