"""The host's directory, held so that its failure never stops an emergency: a seat that cannot be asked is vacant."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from attrs import frozen

from casework import log
from casework.model.people import Directory

T = TypeVar("T")


@frozen
class Guarded:
    """A directory whose errors are logged and answered by nobody, so that the ladder climbs at once.

    ``raising`` lets them through, for tests.
    """

    inner: Directory
    raising: bool = False

    def holders(self, role: str, school: str, at: datetime) -> Sequence[str]:
        """Who holds the role; nobody if the directory fails."""
        nobody: Sequence[str] = ()
        return self._ask(lambda: self.inner.holders(role, school, at), nobody, school)

    def class_teachers(self, school: str, at: datetime) -> Mapping[str, str]:
        """The class teachers; none if the directory fails."""
        none: Mapping[str, str] = {}
        return self._ask(lambda: self.inner.class_teachers(school, at), none, school)

    def absent(self, person: str, school: str, at: datetime) -> bool:
        """Whether the person is away; they count as present if the directory fails, and are told."""
        return self._ask(lambda: self.inner.absent(person, school, at), False, school)  # noqa: FBT003 - the answer

    def _ask(self, question: Callable[[], T], otherwise: T, school: str) -> T:
        try:
            return question()
        except Exception as error:
            if self.raising:
                raise
            log.warning("directory_failed", school=school, error=type(error).__name__)
            return otherwise
