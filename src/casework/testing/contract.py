"""The contract that every store keeps; a new store's test file is three lines.

    class TestMine(StoreContract):
        @pytest.fixture
        def store(self):
            return MyStore()

`OwnTransactionContract` is for stores that open and end their transaction themselves. What holds for stores on SQL
besides stands in `casework.testing.sql_contract`.
"""

from casework.testing.contract_gatherings import GatheringsContract
from casework.testing.contract_looks import LooksContract
from casework.testing.contract_moves import MovesContract
from casework.testing.contract_post import PostContract
from casework.testing.contract_questions import QuestionsContract
from casework.testing.contract_records import OwnTransactionContract, RecordsContract
from casework.testing.contract_secrets import SecretsContract

__all__ = ["OwnTransactionContract", "StoreContract"]


class StoreContract(
    RecordsContract,
    LooksContract,
    SecretsContract,
    QuestionsContract,
    GatheringsContract,
    PostContract,
    MovesContract,
):
    """Everything that a store promises whatever it stands on. Give it a fixture ``store``, empty each time."""
