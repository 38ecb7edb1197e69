"""``manage.py import_members FILE.csv --service mikmik``: people, all checked before anybody is visible."""

from members.imports import engine
from members.imports.command import ImportCommand


class Command(ImportCommand):
    """Exit status: 0 all rows are in, 1 something was refused, 2 wrong call."""

    help = "Import people from a CSV (UTF-8 or CP949) or XLSX file. See import_template for the columns."
    kind_of_file = engine.PEOPLE
