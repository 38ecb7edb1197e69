"""Settings of the suite: those of the house, on throw-away folders, keys and databases.

``python -m tests.tools.servers`` names real servers and sets ``TEST_SERVERS``; without it whatever the
environment or a developer's ``.env`` says about databases and brokers is ignored, so that no test can
reach anything that matters.
"""

import atexit
import os
import secrets
import shutil
import tempfile
from pathlib import Path

SERVER_VARIABLES = ("DATABASE_URL", "ARCHIVE_DATABASE_URL", "KEYRING_DATABASE_URL", "REDIS_URL")


def _folder() -> Path:
    """Return the scratch folder of this run; test workers and child processes inherit it."""
    known = os.environ.get("TEST_VAR_DIR", "")
    if known:
        return Path(known) / os.environ.get("PYTEST_XDIST_WORKER", "main")
    made = Path(tempfile.mkdtemp(prefix="privacy-back-office-"))
    os.environ["TEST_VAR_DIR"] = str(made)
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made / "main"


def _first_key(folder: Path) -> None:
    """Write one key-encryption key as an installation would have it."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "epoch-0001.key"
    if not file.exists():
        file.write_bytes(secrets.token_bytes(32))
        file.chmod(0o400)


def _redis_of_this_worker() -> str:
    """Return the URL of the database that this test worker has alone: it counts down from that of the run.

    Child processes inherit the URL of the run beside the worker's name and come to the same number.
    """
    url = os.environ.setdefault("TEST_REDIS_URL", os.environ["REDIS_URL"])
    base, _, number = url.rpartition("/")
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    return f"{base}/{int(number) - int(worker)}" if url else ""


VAR = _folder()
_first_key(VAR / "keys")
(VAR / "static").mkdir(exist_ok=True)
for name in SERVER_VARIABLES:
    os.environ.pop(f"{name}_FILE", None)
    if not os.environ.get("TEST_SERVERS"):
        os.environ[name] = ""
os.environ |= {
    "REDIS_URL": _redis_of_this_worker(),
    "VAR_DIR": str(VAR),
    "KEK_DIR": str(VAR / "keys"),
    "KEK_HEX": "",
    "TAIL_DIR": os.environ.get("TEST_TAIL_DIR") or str(VAR / "tail"),
    "CHECKPOINT_KEY_FILE": str(VAR / "checkpoint" / "key.pem"),
    "CHECKPOINT_DIRS": "",
    "JOURNAL_DIR": str(VAR / "journal"),
    "SECRET_KEY": "only-for-tests-" + "x" * 40,
    "DEBUG": "",
    "DEMO": "",
    "SECURE_COOKIES": "false",
    "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
    "SITE_URL": "http://testserver",
    "LOG_LEVEL": "WARNING",
}

from compliance.settings import *  # noqa: E402, F403
