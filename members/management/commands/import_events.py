"""``manage.py import_events FILE --service mikmik``: orders, payments, supply, last use, cases."""

from members.imports import engine
from members.imports.command import ImportCommand


class Command(ImportCommand):
    """Exit status: 0 all rows are in, 1 something was refused, 2 wrong call."""

    help = "Import events from CSV, XLSX or JSON lines; the same class and reference completes an earlier row."
    kind_of_file = engine.EVENTS
