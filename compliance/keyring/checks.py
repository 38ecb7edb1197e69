"""Start-up checks: no command that touches people runs without the right key."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from compliance.keyring import epochs, key_files, recovery
from compliance.keyring.key_files import KeyringRefused


def key_present(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Every key at hand, at least the first, is whole; a file that others may read is a warning."""
    numbers = key_files.epochs() or [key_files.FIRST]
    found: list[CheckMessage] = []
    for number in numbers:
        try:
            key_files.read(number)
        except KeyringRefused as refusal:
            found.append(Error(str(refusal), id="keyring.E001"))
    open_files = [
        str(key_files.path(number)) for number in numbers if key_files.open_to_others(number)
    ]
    hint = "chmod 0400 these files, chmod 0700 their folder."
    found += [
        Warning(f"Others may read the key {file}.", hint=hint, id="keyring.W001")
        for file in open_files
    ]
    return found


def key_fits(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Each living epoch has the key it was written with; an empty keyring is no error before its first migration."""
    if epochs.DATABASE not in (databases or ()) or not epochs.table_exists():
        return []
    try:
        for epoch in epochs.living():
            epochs.check_fingerprint(epoch)
    except KeyringRefused as refusal:
        return [Error(str(refusal), id="keyring.E002")]
    return []


def interval_allowed(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Keys are rolled every day, at the latest every week: backups of the keyring are kept no longer."""
    if 24 <= settings.KEY_ROLL_HOURS <= 168:
        return []
    return [Error("KEY_ROLL_HOURS has to lie between 24 and 168.", id="keyring.E003")]


def recovery_set_up(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Without a recovery copy the loss of the key files is the loss of everybody."""
    if recovery.is_set_up():
        return []
    hint = "Set RECOVERY_DIRS, then run 'manage.py keyring recovery_key FILE' (docs/keys.md)."
    return [Warning("No recovery copy of the keys is written.", hint=hint, id="keyring.W002")]
