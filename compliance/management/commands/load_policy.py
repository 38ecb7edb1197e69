"""``manage.py load_policy FILE.toml ...``: load policies, or say everything that is wrong with them."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from compliance.actions.policy_loading import LoadResult, load
from compliance.policy_files import PRESET_NAMES, preset_file, read
from compliance.policy_words import line
from compliance.restore.commands import OpenCommand
from compliance.rules.policy_schema import validate

EXIT_PROBLEMS, EXIT_USAGE = 1, 2


class Command(OpenCommand):
    """Exit status: 0 all loaded or unchanged, 1 at least one file has problems, 2 wrong call."""

    help = "Load policy files. Each is checked whole before one row is written; all problems are listed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take files, presets, or both."""
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE.toml")
        parser.add_argument("--preset", action="append", default=[], choices=[*PRESET_NAMES, "all"])
        parser.add_argument(
            "--as-draft", action="store_true", help="load as a draft of a new version"
        )
        parser.add_argument(
            "--check", action="store_true", help="only list problems, write nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load every file on its own: a faulty one does not keep the others out."""
        names = PRESET_NAMES if "all" in options["preset"] else options["preset"]
        files = [*options["files"], *(preset_file(name) for name in names)]
        if not files:
            raise CommandError(gettext("Name a file or a preset."), returncode=EXIT_USAGE)
        problems = sum(self._one(file, options) for file in files)
        if problems:
            raise CommandError(
                ngettext(
                    "%(count)s problem; nothing was written for these files.",
                    "%(count)s problems; nothing was written for these files.",
                    problems,
                )
                % {"count": problems},
                returncode=EXIT_PROBLEMS,
            )

    def _one(self, file: Path, options: dict[str, Any]) -> int:
        data, problems = read(file)
        result = LoadResult(problems=problems)
        if not problems:
            result = self._check_or_load(data, file, options)
        for problem in result.problems:
            self.stderr.write(line(problem))
        if not result.problems:
            self.stdout.write(f"{file.name}: {_outcome(result)}")
        return len(result.problems)

    def _check_or_load(
        self, data: dict[str, Any], file: Path, options: dict[str, Any]
    ) -> LoadResult:
        if options["check"]:
            return LoadResult(problems=validate(data, file=file.name))
        return load(
            data, file=file.name, as_draft=options["as_draft"], actor=None, now=timezone.now()
        )


def _outcome(result: LoadResult) -> str:
    if result.version is None:
        return gettext("no problems")
    words = (
        gettext("loaded as version %(number)s")
        if result.created
        else gettext("unchanged, version %(number)s")
    )
    return words % {"number": result.version.number}
