"""The rules of the house as tests: who may know whom, who may read the clock, what must be declared."""

import ast
import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models, router
from django.utils.module_loading import import_string
from importlinter.cli import lint_imports

from compliance.celery import QUEUES
from compliance.classification import NONE, PERSONAL, PSEUDONYM, unclassified
from compliance.schedule import TIMETABLE
from tests.tools import source

LABELS = ("compliance", "keyring", "members", "archive", "disclosures")
RANK = {"compliance": 0, "members": 1, "disclosures": 2}
ALONE = {"keyring", "archive"}
CLOCK = re.compile(
    r"(timezone|datetime)\.(now|utcnow|localdate|localtime|today)$|date\.today$|time\.time$"
)
CLOCKLESS_ROOMS = ("actions", "rules", "models", "keyring")
CLOCKLESS_FILES = ("selectors.py", "gate.py", "ledger.py", "holdings.py")
RINGERS = {"compliance/tasks.py", "compliance/bell.py"}
RINGS = {"delay", "apply_async", "send_task"}
LONGEST_FILE, LONGEST_FUNCTION, USUAL_FUNCTION = 400, 50, 25
FORBIDDEN_TEXT = re.compile(r"\.(get|filter|exclude|create|update)\(\*\*request\.")

OUR_MODELS = [
    model for model in apps.get_models(include_auto_created=True) if model._meta.app_label in LABELS
]


def lines(found: Iterable[str]) -> str:
    """Return what was found, one to a line, so that a failure shows all of it."""
    return "\n".join(["", *found])


def test_imports_point_inward_and_rules_stay_pure():
    assert lint_imports(config_filename=str(source.ROOT / "pyproject.toml"), cache_dir=None) == 0


def test_no_import_hides_inside_a_function():
    hidden = [
        source.place(file, node)
        for file in source.files()
        for function in source.functions(file)
        if function.name != "ready"
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert not hidden, lines(hidden)


@pytest.mark.parametrize("model", OUR_MODELS, ids=lambda model: model._meta.label)
def test_relations_point_inward_and_stay_in_their_database(model):
    own = model._meta.app_label
    for field in model._meta.get_fields():
        if not (field.is_relation and field.concrete) or field.related_model is None:
            continue
        target = field.related_model._meta.app_label
        assert router.db_for_write(model) == router.db_for_write(field.related_model), field
        assert own not in ALONE or target == own, field
        assert RANK.get(target, 0) <= RANK.get(own, 0), f"{field} points outward"


@pytest.mark.django_db(databases=["default", "archive", "keyring"])
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize("entry", TIMETABLE, ids=lambda entry: entry.name)
def test_every_entry_of_the_timetable_exists(entry):
    assert callable(import_string(entry.run))
    assert entry.queue in QUEUES


def test_names_of_the_timetable_are_unique():
    names = [entry.name for entry in TIMETABLE]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("model", OUR_MODELS, ids=lambda model: model._meta.label)
def test_every_field_is_classified_as_personal_pseudonym_or_none(model):
    assert list(unclassified(model)) == []
    declared = vars(model).get("FIELD_CLASSES", {})
    assert set(declared.values()) <= {PERSONAL, PSEUDONYM, NONE}
    fields = {field.name for field in model._meta.get_fields()}
    assert set(declared) <= fields, "a class for a field that does not exist"


@pytest.mark.parametrize("model", OUR_MODELS, ids=lambda model: model._meta.label)
def test_personal_fields_hold_nothing_readable(model):
    declared = vars(model).get("FIELD_CLASSES", {})
    personal = [name for name, label in declared.items() if label == PERSONAL]
    readable = [n for n in personal if not isinstance(model._meta.get_field(n), models.BinaryField)]
    assert readable == [], "personal data is sealed: a BinaryField, not text"


def test_only_beat_and_the_bell_publish_tasks():
    ringing = [
        source.place(file, node)
        for file in source.files()
        if str(file.relative_to(source.ROOT)) not in RINGERS
        for node in ast.walk(source.tree(file))
        if source.called(node).rpartition(".")[2] in RINGS
    ]
    assert not ringing, lines(ringing)


def _clockless(file: Path) -> bool:
    rooms = file.relative_to(source.ROOT).parts
    return (
        bool(set(rooms) & set(CLOCKLESS_ROOMS)) and "commands" not in rooms
    ) or file.name in CLOCKLESS_FILES


def test_time_enters_at_tasks_views_and_commands_only():
    reading = [
        source.place(file, node)
        for file in source.files()
        if _clockless(file)
        for node in ast.walk(source.tree(file))
        if CLOCK.search(source.called(node))
    ]
    assert not reading, lines(reading)


@pytest.mark.parametrize("folder", [*source.APPS, "tests", "templates", "static"])
def test_no_file_is_too_long_to_read(folder):
    files = [
        file
        for suffix in (".py", ".html", ".css", ".js")
        for file in source.files(folder, suffix=suffix)
    ]
    long = {
        str(f.relative_to(source.ROOT)): n
        for f in files
        if (n := len(f.read_text().splitlines())) > LONGEST_FILE
    }
    assert not long, lines(f"{name}: {count} lines" for name, count in long.items())


def test_functions_are_short(record_property):
    lengths = {
        f"{source.place(file, function)} {function.name}": source.length(function)
        for file in source.files()
        for function in source.functions(file)
    }
    longer = {name: lines for name, lines in lengths.items() if lines > USUAL_FUNCTION}
    record_property("functions", len(lengths))
    record_property("functions_above_25_lines", longer)
    assert [name for name, lines in longer.items() if lines > LONGEST_FUNCTION] == []
    assert len(longer) <= len(lengths) // 50, f"more than 2 % are longer than 25 lines: {longer}"


def test_no_query_is_built_from_what_a_request_says():
    found = [str(file) for file in source.files() if FORBIDDEN_TEXT.search(file.read_text())]
    assert not found, lines(found)


def test_every_variable_of_the_settings_is_explained_in_the_example_and_the_readme():
    names = re.compile(r"""(?:env\.\w+|database\(env,)\s*\(?\s*"([A-Z_]+)\"""")
    read = set(names.findall((source.ROOT / "compliance" / "settings.py").read_text()))
    example = (source.ROOT / ".env.example").read_text()
    assert set(re.findall(r"^([A-Z_]+)=", example, re.M)) == read
    readme = (source.ROOT / "README.md").read_text()
    assert [name for name in sorted(read) if f"`{name}`" not in readme] == []
