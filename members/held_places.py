"""Every place that holds data about a person besides records, and how each is destroyed when they leave."""

from members import holdings
from members.actions import (
    data_copy,
    known_device,
    pending_join,
    receipt,
    representative,
    request_message,
    sign_in_traces,
)
from members.imports import staging


def register() -> None:
    """Name the places, in the order in which they are destroyed."""
    holdings.register("access_codes", sign_in_traces.destroy_codes)
    holdings.register("sessions", sign_in_traces.destroy_sessions)
    holdings.register("known_devices", known_device.destroy_of)
    holdings.register("account", sign_in_traces.destroy_account)
    holdings.register("copies", data_copy.destroy_of)
    holdings.register("request_texts", request_message.destroy_of)
    holdings.register("pending_joins", pending_join.discard_of)
    holdings.register("representatives", representative.destroy_of)
    holdings.register("receipts", receipt.destroy_of)
    holdings.register("staged_changes", staging.destroy_staged)
