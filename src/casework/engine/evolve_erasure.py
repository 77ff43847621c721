"""From events of erasure to the next state. Pure; `casework.engine.evolve` calls them."""

from collections.abc import Callable, Mapping
from typing import Any

from attrs import evolve as changed

from casework.engine.bare import without_texts
from casework.engine.draft import Draft
from casework.model import erasure_events as xv
from casework.model.erasure import Erasure
from casework.model.identity import IdentityRecorded


def _asked(draft: Draft, e: xv.ErasureAsked) -> None:
    draft.put("erasures", e.id, Erasure(e.id, e.because, e.by, e.on))


def _declined(draft: Draft, e: xv.ErasureDeclined) -> None:
    _answer(draft, e, state="declined")


def _erased(draft: Draft, e: xv.Erased) -> None:
    for name, value in without_texts(draft.case).items():
        draft.set(name, value)
    _answer(draft, e, state="erased", receipt=e.receipt)


def _answer(draft: Draft, e: xv.ErasureDeclined | xv.Erased, **values: Any) -> None:  # noqa: ANN401 - fields
    """What a backup brought back is erased again without anybody having asked in it."""
    asked = draft.get("erasures").get(e.id) or Erasure(e.id, e.because, e.by, e.on)
    draft.put("erasures", e.id, changed(asked, by=e.by, on=e.on, answer=e.because, **values))


def _identity(draft: Draft, e: IdentityRecorded) -> None:
    draft.set("identity", e.number)


ERASURE_EVENTS: Mapping[type, Callable[[Draft, Any], None]] = {
    xv.ErasureAsked: _asked,
    xv.ErasureDeclined: _declined,
    xv.Erased: _erased,
    IdentityRecorded: _identity,
}
