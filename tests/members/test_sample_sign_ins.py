"""The demo names sample members, and never anybody else."""

import io

import pytest
from django.core.management import call_command

from tests.tools import cast

pytestmark = pytest.mark.django_db(databases="__all__")


def said():
    out = io.StringIO()
    call_command("sample_sign_ins", stdout=out)
    return out.getvalue()


def test_a_sample_member_is_named_and_a_real_one_is_not():
    mikmik = cast.service()
    cast.member(mikmik)
    mikmik.state, mikmik.went_live_at = "live", cast.JOINED
    mikmik.save()
    assert said() == ""
    mikmik.is_demo = True
    mikmik.save()
    assert said().split() == ["minji@mail.example", "mikmik", "(ko)"]
