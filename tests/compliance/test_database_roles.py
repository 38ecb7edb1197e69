"""On PostgreSQL the app reads and appends the ledger and can do nothing else to it; the other databases are closed."""

import os
import secrets
import subprocess
import sys
from io import StringIO

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from compliance import database_roles
from compliance.database_roles import Names

POSTGRESQL_ONLY = pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no roles")
LEDGER = "compliance_ledgerentry"
SIX = (
    f"UPDATE {LEDGER} SET code = 'x'",
    f"DELETE FROM {LEDGER}",
    f"TRUNCATE {LEDGER} CASCADE",
    f"ALTER TABLE {LEDGER} DISABLE TRIGGER ALL",
    f"DROP TRIGGER {LEDGER}_no_update ON {LEDGER}",
    "SET session_replication_role = replica",
)


class Server:
    """Databases and roles of one test on the server of the run."""

    def __init__(self, folder):
        given = connection.get_connection_params()
        self.host, self.port = given["host"], given["port"]
        self.superuser, self.password = given["user"], given.get("password") or ""
        tail = secrets.token_hex(4)
        self.names = Names(**{k: f"{v}_{tail}" for k, v in vars(Names()).items()})
        self.folder = folder

    def connect(self, user, database):
        password = self.password if user == self.superuser else "trusted"
        return psycopg.connect(
            host=self.host,
            port=self.port,
            user=user,
            password=password,
            dbname=database,
            autocommit=True,
            connect_timeout=5,
        )

    def run(self, user, database, statements):
        with self.connect(user, database) as open_one:
            for statement in statements:
                open_one.execute(statement)

    def url(self, user, database):
        return f"postgresql://{user}:trusted@{self.host}:{self.port}/{database}"

    def manage(self, *arguments, default=None, check=True):
        names = self.names
        environ = os.environ | {
            "DJANGO_SETTINGS_MODULE": "compliance.settings",
            "DATABASE_URL": self.url(default or names.app_role, names.default),
            "ARCHIVE_DATABASE_URL": self.url(names.archive_role, names.archive),
            "KEYRING_DATABASE_URL": self.url(names.keyring_role, names.keyring),
            "VAR_DIR": str(self.folder),
            "KEK_DIR": str(self.folder / "keys"),
            "LOG_LEVEL": "ERROR",
            "DEMO": "",
        }
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=settings.BASE_DIR,
            env=environ,
            check=check,
            capture_output=True,
            text=True,
            timeout=300,
        )


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    made = Server(tmp_path_factory.mktemp("roles"))
    names = made.names
    roles = (names.owner_role, names.app_role, names.archive_role, names.keyring_role)
    try:
        made.run(made.superuser, "postgres", database_roles.server_sql(names))
        made.run(made.superuser, "postgres", [f"ALTER ROLE {r} PASSWORD 'trusted'" for r in roles])
        made.run(made.superuser, names.default, database_roles.before_migrate_sql(names))
        made.manage("init_keys")
        for alias in database_roles.ALIASES:
            made.manage("migrate", "--database", alias, "-v", "0", default=names.owner_role)
        made.run(names.owner_role, names.default, database_roles.after_migrate_sql(names))
        yield made
    finally:
        databases = (names.default, names.archive, names.keyring)
        made.run(made.superuser, "postgres", [f"DROP DATABASE {d} WITH (FORCE)" for d in databases])
        made.run(made.superuser, "postgres", [f"DROP ROLE {role}" for role in roles])


@POSTGRESQL_ONLY
@pytest.mark.servers
@pytest.mark.django_db
def test_the_printed_sql_makes_roles_that_work_and_reach_no_further(server):
    names = server.names
    server.manage("load_policy", "--preset", "mikmik")
    with server.connect(names.app_role, names.default) as app:
        assert app.execute(f"SELECT count(*) FROM {LEDGER}").fetchone()[0] > 0
        refused = [_refuses(app, statement) for statement in SIX]
    assert refused == [True] * 6
    for database in (names.archive, names.keyring):
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            server.connect(names.app_role, database)
    for role in (names.archive_role, names.keyring_role):
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            server.connect(role, names.default)
    assert "apart" in server.manage("database_roles").stdout
    deploy = server.manage("check", "--deploy", "--database", "default", check=False)
    assert "E011" not in deploy.stdout + deploy.stderr


@POSTGRESQL_ONLY
@pytest.mark.servers
@pytest.mark.django_db
def test_an_app_that_runs_as_the_owner_is_found_out(server):
    found = server.manage("database_roles", default=server.names.owner_role, check=False)
    assert found.returncode == 1
    assert "owner:" in found.stdout and "may_change_ledger:" in found.stdout
    deploy = server.manage(
        "check", "--deploy", "--database", "default", default=server.names.owner_role, check=False
    )
    assert deploy.stderr.count("E011") >= 4


@POSTGRESQL_ONLY
@pytest.mark.servers
@pytest.mark.django_db(databases="__all__")
def test_one_superuser_for_all_three_databases_is_found_out():
    found = {code for code, _ in database_roles.problems()}
    assert {"same_role", "reaches", "superuser", "owner", "may_lift_triggers"} <= found


def test_a_name_that_is_no_plain_word_makes_no_sql():
    with pytest.raises(ValueError, match="plain name"):
        Names(app_role="app; DROP ROLE x")


def test_the_sql_names_no_password():
    out = StringIO()
    call_command("database_roles", "--sql", stdout=out)
    assert "PASSWORD" not in out.getvalue().upper()
    assert f"REVOKE UPDATE, DELETE, TRUNCATE ON {LEDGER} FROM office_app;" in out.getvalue()


def _refuses(app, statement):
    try:
        app.execute(statement)
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.IntegrityError) as error:
        return isinstance(error, psycopg.errors.InsufficientPrivilege)
    return False
