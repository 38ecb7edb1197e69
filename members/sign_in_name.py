"""What somebody signs in with, for the password managers of their own browser."""

from members import gate
from members.models import DataSubject

ITEMS = ("login_id", "email")


def of(subject: DataSubject) -> str:
    """Return the login ID of a person, else the e-mail address, else an empty string; shown to nobody else."""
    held = list(subject.records.all())
    for item in ITEMS:
        record = next((one for one in held if item in one.item_codes), None)
        if record is not None:
            return str(gate.own_values(subject, [record]).get(record.pk, {}).get(item, ""))
    return ""
