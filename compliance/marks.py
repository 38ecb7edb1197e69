"""How far each of the other databases has come: the ledger number of the newest effect that is completed.

A database put back from a backup has a mark that is older than what the ledger says was completed.
"""

from django.db import connections, models

_models: dict[str, type[models.Model]] = {}


def register(alias: str, model: type[models.Model]) -> None:
    """Name the model that holds the mark of a database; called in ``AppConfig.ready()``."""
    _models[alias] = model


def read(alias: str) -> int:
    """Return the mark of ``archive`` or ``keyring``, 0 while it has none."""
    found = _models[alias]._default_manager.using(alias).values_list("seq", flat=True).first()
    return found or 0


def raise_to(seq: int) -> None:
    """Raise the mark of every other database to a ledger number; a mark never goes down by this."""
    _write(seq, "WHERE {table}.seq < excluded.seq")


def start_from(seq: int) -> None:
    """Set every mark to a ledger number, down as well: only after a restore, while the application is closed."""
    _write(seq, "")


def _write(seq: int, condition: str) -> None:
    for alias, model in _models.items():
        table = model._meta.db_table
        # The table is a name of a model, never input.
        sql = (
            f"INSERT INTO {table} (id, seq) VALUES (1, %s) ON CONFLICT (id)"
            f" DO UPDATE SET seq = excluded.seq {condition.format(table=table)}"
        )
        with connections[alias].cursor() as cursor:
            cursor.execute(sql, [seq])
