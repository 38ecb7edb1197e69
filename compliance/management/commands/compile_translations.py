"""Compile the message catalogues without system tools, settings or a database."""

from pathlib import Path
from typing import Any

import polib
from django.core.management.base import BaseCommand

ROOT = Path(__file__).resolve().parents[3]


def compile_catalogues(root: Path) -> list[Path]:
    """Write the ``.mo`` file beside every ``.po`` file under ``root/locale`` and return what was written."""
    return [_compiled(source) for source in sorted(root.glob("locale/*/LC_MESSAGES/*.po"))]


def _compiled(source: Path) -> Path:
    target = source.with_suffix(".mo")
    polib.pofile(str(source)).save_as_mofile(str(target))
    return target


class Command(BaseCommand):
    """``manage.py compile_translations``: repeat it as often as you like."""

    help = "Compile the message catalogues under locale/ (needs no system tools and no database)."
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        """Compile every catalogue and say how many there were."""
        self.stdout.write(f"{len(compile_catalogues(ROOT))} catalogues compiled.")


if __name__ == "__main__":
    compile_catalogues(ROOT)
