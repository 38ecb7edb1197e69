"""Key rolls for tests: an installation with keys of its own, and a roll as the timetable makes it."""

from datetime import datetime
from uuid import UUID, uuid4

from compliance.keyring import blind_index, epochs, keys, secrets
from compliance.keyring.models import BlindIndex, DataKey, Epoch, SealedSecret
from compliance.sweeps import Report
from compliance.tasks import roll_keys

SCOPE = "mikmik"


def roll(now: datetime) -> Report:
    """Let the current epoch be a day old, then roll."""
    Epoch.objects.update(created_at=now - epochs.interval())
    return roll_keys(now)


def people(count: int) -> dict[UUID, bytes]:
    """Make keys, each with one index entry: the name of a person is ``person0``, ``person1``, ..."""
    made = keys.create([uuid4() for _ in range(count)])
    entries = [(SCOPE, "name", f"person{n}", id) for n, id in enumerate(made)]
    blind_index.put_many(entries)
    return made


def everybody_is_there(made: dict[UUID, bytes]) -> None:
    """Every key opens, every name is found, and every row names exactly one living epoch."""
    secrets.forget()
    assert keys.open_(list(made)) == made
    names = [f"person{n}" for n in range(len(made))]
    found = blind_index.find_many(SCOPE, "name", names)
    assert found == {name: [id] for name, id in zip(names, made, strict=True)}
    assert numbers_in_use() <= epochs.numbers()


def numbers_in_use() -> set[int]:
    """Return the epochs under which anything is wrapped."""
    return {
        number
        for model in (DataKey, BlindIndex, SealedSecret)
        for number in model.objects.values_list("epoch_id", flat=True)
    }
