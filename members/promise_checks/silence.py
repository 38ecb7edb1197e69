"""Has a sweep of the timetable stopped running?"""

from datetime import timedelta

from django.db.models import Max

from compliance.models import Slot
from compliance.promises import CheckContext

SILENCE = timedelta(hours=3)


def is_silent(context: CheckContext, entry: str) -> bool:
    """Tell whether an hourly entry of the timetable has not finished for three hours, or never."""
    last = Slot.objects.filter(entry=entry).aggregate(last=Max("finished_at"))["last"]
    return last is None or context.now - last > SILENCE
