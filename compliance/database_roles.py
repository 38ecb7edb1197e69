"""Roles of the three PostgreSQL databases: the SQL that makes them, and what is wrong with those in use.

Owner (migrates), app (works; of the ledger it may only read and append), archive and keyring (each owns its own
database and reaches no other). SQLite has no roles; there the files' modes stand for them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connections

from compliance.models import LedgerBatchItem, LedgerEntry

ALIASES = ("default", "archive", "keyring")
APPEND_ONLY = (LedgerEntry._meta.db_table, LedgerBatchItem._meta.db_table)
REFUSED = ("UPDATE", "DELETE", "TRUNCATE")
PATIENCE = 5  # Seconds of a try to connect.


@dataclass(frozen=True)
class Names:
    """Names of the databases and roles; letters, digits and underscores only."""

    default: str = "office"
    archive: str = "archive"
    keyring: str = "keyring"
    owner_role: str = "office_owner"
    app_role: str = "office_app"
    archive_role: str = "archive_app"
    keyring_role: str = "keyring_app"

    def __post_init__(self) -> None:
        for name in vars(self).values():
            if not name.isidentifier() or not name.isascii():
                raise ValueError(f"not a plain name: {name!r}")


def server_sql(names: Names) -> list[str]:
    """Statements for a superuser, once per server: roles without passwords, databases, who may connect.

    Passwords are set by ``\\password ROLE`` in psql, so that none stands in a file or a log.
    """
    homes = (
        (names.default, names.owner_role),
        (names.archive, names.archive_role),
        (names.keyring, names.keyring_role),
    )
    roles = (names.owner_role, names.app_role, names.archive_role, names.keyring_role)
    safe = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
    found = [f"CREATE ROLE {role} {safe}" for role in roles]
    for database, owner in homes:
        found.append(f"CREATE DATABASE {database} OWNER {owner}")
        found.append(f"REVOKE ALL ON DATABASE {database} FROM PUBLIC")
    found.append(f"GRANT CONNECT ON DATABASE {names.default} TO {names.app_role}")
    return found


def before_migrate_sql(names: Names) -> list[str]:
    """Statements in the ``default`` database before the first migration, as a superuser."""
    owner, app = names.owner_role, names.app_role
    as_owner = f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public"
    return [
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        f"GRANT USAGE, CREATE ON SCHEMA public TO {owner}",
        f"GRANT USAGE ON SCHEMA public TO {app}",
        f"{as_owner} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}",
        f"{as_owner} GRANT USAGE, SELECT ON SEQUENCES TO {app}",
    ]


def after_migrate_sql(names: Names) -> list[str]:
    """Statements in the ``default`` database after each migration, as the owner."""
    app = names.app_role
    return [
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {app}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {app}",
        *(f"REVOKE {', '.join(REFUSED)} ON {table} FROM {app}" for table in APPEND_ONLY),
    ]


def problems() -> Iterator[tuple[str, str]]:
    """Yield (code, words) for each thing the roles in use may do and should not. PostgreSQL only.

    Codes: ``same_role``, ``reaches`` (the app's credentials open another database), ``owner``, ``superuser``,
    ``may_change_ledger``, ``may_lift_triggers``.
    """
    if any(connections[alias].vendor != "postgresql" for alias in ALIASES):
        return
    roles = {alias: _ask(alias, "SELECT current_user") for alias in ALIASES}
    if len(set(roles.values())) < len(ALIASES):
        yield "same_role", "The three databases are not opened by three roles."
    for alias in ("archive", "keyring"):
        if _opens(alias):
            yield "reaches", f"The credentials of the app open the {alias} database."
    yield from _powers()


def _powers() -> Iterator[tuple[str, str]]:
    if _ask("default", "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        yield "superuser", "The app is a superuser of its database server."
    for table in APPEND_ONLY:
        owned = "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = %s::regclass"
        if _ask("default", owned, table):
            yield "owner", f"The app owns {table}, so it can lift its triggers."
        asked = "SELECT has_table_privilege(%s, %s)"
        allowed = [verb for verb in REFUSED if _ask("default", asked, table, verb)]
        if allowed:
            yield "may_change_ledger", f"The app may {', '.join(allowed)} on {table}."
    replica = "SELECT has_parameter_privilege('session_replication_role', 'SET')"
    if _ask("default", replica):
        yield "may_lift_triggers", "The app may set session_replication_role."


def _ask(alias: str, sql: str, *parameters: str) -> Any:
    with connections[alias].cursor() as cursor:
        cursor.execute(sql, parameters)
        row = cursor.fetchone()
    return row[0] if row else None


def _opens(alias: str) -> bool:
    """Whether the app's role and password open another database. A refusal is the answer that is wanted."""
    own = connections["default"].get_connection_params()
    other = connections[alias].get_connection_params()
    place = {name: other[name] for name in ("host", "port", "dbname") if name in other}
    who = {name: own[name] for name in ("user", "password") if name in own}
    try:
        psycopg.connect(**place, **who, connect_timeout=PATIENCE).close()
    except psycopg.OperationalError:
        return False
    return True
