"""A mail server and a receiver of webhooks for the tests of sinks."""

import pytest

from tests.sinks.listeners import http, listening, smtp
from tests.store.conftest import empty_database, memory_engine

__all__ = ["empty_database", "memory_engine"]


@pytest.fixture
def mail_server():
    """A mail server."""
    with listening(smtp) as listener:
        yield listener


@pytest.fixture
def receiver():
    """A receiver of webhooks."""
    with listening(http) as listener:
        yield listener
