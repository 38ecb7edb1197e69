"""The demo speaks three languages also where nothing was compiled before."""

from datetime import UTC, datetime

from compliance.demo import steps
from compliance.management.commands import compile_translations


def test_the_words_are_compiled_before_anything_is_shown(tmp_path, monkeypatch):
    folder = tmp_path / "locale" / "ko" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text('msgid ""\nmsgstr ""\n\nmsgid "Yes"\nmsgstr "네"\n')
    monkeypatch.setattr(compile_translations, "ROOT", tmp_path)
    _, first = next(steps.plan(members=1, now=datetime(2026, 11, 23, tzinfo=UTC)))
    first()
    assert (folder / "django.mo").exists()
