"""Services of the flows: open to their members, as after set-up."""

import pytest

from compliance import selectors
from compliance.actions.service import go_live, settle_finding
from tests.tools import cast


@pytest.fixture
def mikmik_live():
    """MIKMIK with its findings settled and its doors open."""
    service = cast.service()
    for finding in selectors.blocking_findings(service):
        settle_finding(
            finding, "Settled for the test.", is_sample=True, actor=None, now=cast.JOINED
        )
    return go_live(service, actor=None, now=cast.JOINED)
