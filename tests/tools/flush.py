"""The clean-up after a test with real transactions empties tables whose triggers forbid exactly that."""

import contextlib
from collections.abc import Iterator

from django.test import TransactionTestCase

from compliance import triggers


@contextlib.contextmanager
def lifting_triggers() -> Iterator[None]:
    """Let Django's clean-up lift the triggers of the databases that it empties."""
    clean_up = TransactionTestCase._fixture_teardown

    def without_triggers(case: TransactionTestCase) -> None:
        with contextlib.ExitStack() as stack:
            for alias in case._databases_names(include_mirrors=False):
                stack.enter_context(triggers.without_triggers(alias))
            clean_up(case)

    TransactionTestCase._fixture_teardown = without_triggers
    try:
        yield
    finally:
        TransactionTestCase._fixture_teardown = clean_up
