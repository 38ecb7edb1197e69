"""What every stored field says about a person: personal, pseudonym or none.

A model declares ``FIELD_CLASSES = classify(personal=..., pseudonym=..., none=...)``. Fields of a type that
cannot carry text (numbers, dates, booleans, keys to other rows) count as ``none`` unless declared otherwise;
text, JSON and binary fields have to be declared, and the suite fails where one is not.
"""

from collections.abc import Iterator

from django.db import models

PERSONAL, PSEUDONYM, NONE = "personal", "pseudonym", "none"

SPEECHLESS = (
    models.AutoField,
    models.BooleanField,
    models.IntegerField,
    models.FloatField,
    models.DecimalField,
    models.DateField,
    models.TimeField,
    models.DurationField,
    models.ForeignKey,
    models.ManyToManyField,
)


def classify(*, personal: str = "", pseudonym: str = "", none: str = "") -> dict[str, str]:
    """Return ``{field name: class}`` from three space-separated lists of field names."""
    lists = ((PERSONAL, personal), (PSEUDONYM, pseudonym), (NONE, none))
    return {name: label for label, names in lists for name in names.split()}


def class_of(model: type[models.Model], field: models.Field) -> str | None:
    """Return the declared class of a field, ``none`` for speechless types, ``None`` if undeclared."""
    for parent in model.__mro__:
        declared = vars(parent).get("FIELD_CLASSES", {})
        if field.name in declared:
            return str(declared[field.name])
    return NONE if isinstance(field, SPEECHLESS) else None


def unclassified(model: type[models.Model]) -> Iterator[str]:
    """Yield the names of the fields of a model that nobody has classified."""
    for field in model._meta.local_fields:
        if class_of(model, field) is None:
            yield field.name
