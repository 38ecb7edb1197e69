"""Enquiries and complaints: requests that are answered, and ask for nothing to be done with data."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models.rights_request import RightsRequest


class EnquiryManager(models.Manager["Enquiry"]):
    """The requests that are enquiries or complaints."""

    def get_queryset(self) -> models.QuerySet["Enquiry"]:
        """Return enquiries and complaints alone."""
        kinds = (RightsRequest.Kind.ENQUIRY, RightsRequest.Kind.COMPLAINT)
        return super().get_queryset().filter(kind__in=kinds)


class Enquiry(RightsRequest):
    """A request that somebody asks or complains by, with or without an account."""

    objects = EnquiryManager()

    class Meta:
        proxy = True
        verbose_name = _("enquiry or complaint")
        verbose_name_plural = _("enquiries and complaints")
