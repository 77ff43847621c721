"""A case under change."""

from typing import Any

from casework.model.case import Case


class Draft:
    """A case under change. Mappings are copied at their first change, so the case it came from stays as it was."""

    __slots__ = ("_case", "_mine")

    def __init__(self, case: Case) -> None:
        self._case = case
        self._mine: dict[str, Any] = {}

    @property
    def case(self) -> Case:
        """The case as it stands now, as a value."""
        if self._mine:
            self._case = self._case.having(**self._mine)
            self._mine = {}
        return self._case

    def get(self, name: str) -> Any:  # noqa: ANN401 - a field of Case
        """The present value of a field."""
        found = self._mine.get(name, _UNSET)
        return getattr(self._case, name) if found is _UNSET else found

    def set(self, name: str, value: object) -> None:
        """Give a field a value."""
        self._mine[name] = value

    def put(self, name: str, key: str, value: object) -> None:
        """Put one value into a mapping."""
        if name not in self._mine:
            self._mine[name] = dict(getattr(self._case, name))
        self._mine[name][key] = value

    def drop(self, name: str, key: str) -> None:
        """Take one value out of a mapping."""
        if name not in self._mine:
            self._mine[name] = dict(getattr(self._case, name))
        self._mine[name].pop(key, None)


_UNSET = object()
