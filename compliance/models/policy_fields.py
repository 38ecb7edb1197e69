"""The few kinds of columns that the tables of a policy are made of."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.models.policy_checks import check_code, check_duration, check_texts

CODE, SHORT = 64, 500


def code_field(label: Any, *, blank: bool = False) -> models.CharField:
    """A code: of a row, of a closed enumeration, or the code of another row."""
    return models.CharField(label, max_length=CODE, blank=blank, validators=[check_code])


def short_field(label: Any, *, blank: bool = False) -> models.CharField:
    """A line of text."""
    return models.CharField(label, max_length=SHORT, blank=blank)


def prose_field(label: Any, *, blank: bool = True) -> models.TextField:
    """A longer text."""
    return models.TextField(label, blank=blank)


def texts_field(label: Any) -> models.JSONField:
    """A list of texts or codes, in the order of the policy file."""
    return models.JSONField(label, default=list, blank=True, validators=[check_texts])


def flag_field(label: Any) -> models.BooleanField:
    """Yes or no, no unless said."""
    return models.BooleanField(label, default=False)


def duration_field(label: Any) -> models.CharField:
    """An ISO 8601 duration as the policy writes it, such as ``P12M``; empty where it gives none."""
    return models.CharField(label, max_length=CODE, blank=True, validators=[check_duration])


def country_field(label: Any) -> models.CharField:
    """An ISO 3166 country code of two letters, empty while unknown."""
    return models.CharField(label, max_length=2, blank=True)


def stated_field() -> models.BooleanField:
    """Whether the policy says it; otherwise it is suggested, not promised."""
    return models.BooleanField(_("stated in the policy"), default=False)


def clause_field() -> models.CharField:
    """The number of the clause that a row comes from, empty where the policy has none."""
    return models.CharField(_("clause"), max_length=CODE, blank=True)


def obligations_field() -> models.JSONField:
    """The codes of the promises that a row serves."""
    return models.JSONField(_("promises"), default=list, blank=True, validators=[check_texts])
