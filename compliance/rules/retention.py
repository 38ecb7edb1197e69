"""Retention, item by item: the one place from which the other rooms take it.

Clocks are in `retention_clocks`, record classes in `retention_classes`, reasons and their order in
`retention_reasons`, the fates on leaving in `retention_leaving`, the explanation in `retention_story`, that of what
lies apart in `retention_apart`.
Source: X-ALL-2, X-ALL-3 and the `retention` rows. Nothing here names a service.
"""

from __future__ import annotations

from compliance.rules.retention_apart import Kept, explain_apart
from compliance.rules.retention_classes import (
    covering,
    group_by_class,
    home_class,
    home_rule,
    needs_case,
)
from compliance.rules.retention_clocks import (
    DueDate,
    Held,
    anchor_on,
    anchors_for,
    due,
    held_on,
)
from compliance.rules.retention_leaving import (
    Fate,
    HeldRecord,
    Travel,
    fates_of_person,
    fates_on_leaving,
)
from compliance.rules.retention_reasons import Reason
from compliance.rules.retention_story import Conflict, Dormant, Explanation, class_clock, explain

__all__ = [
    "Conflict",
    "Dormant",
    "DueDate",
    "Explanation",
    "Fate",
    "Held",
    "HeldRecord",
    "Kept",
    "Reason",
    "Travel",
    "anchor_on",
    "anchors_for",
    "class_clock",
    "covering",
    "due",
    "explain",
    "explain_apart",
    "fates_of_person",
    "fates_on_leaving",
    "group_by_class",
    "held_on",
    "home_class",
    "home_rule",
    "needs_case",
]
