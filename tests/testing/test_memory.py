"""The store in memory keeps the contract."""

import pytest

from casework.testing import MemoryStore
from casework.testing.contract import OwnTransactionContract, StoreContract


class TestMemoryStore(StoreContract, OwnTransactionContract):
    @pytest.fixture
    def store(self):
        """An empty store."""
        return MemoryStore()
