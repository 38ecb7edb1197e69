"""Rows of the door: recipients."""

from disclosures.models.recipient import Recipient as Recipient
