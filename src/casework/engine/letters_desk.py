"""What a desk does about letters that did not arrive."""

from __future__ import annotations

from attrs import evolve

from casework import log
from casework.engine.merge_desk import MergeDesk
from casework.engine.post import DeadLetter
from casework.engine.transaction import transaction
from casework.engine.unreached import may_get
from casework.errors import NotFound, check_kind


class LettersDesk(MergeDesk):
    """The part of a `casework.engine.desk.Desk` that is about letters."""

    @transaction(writing=False)
    def dead_letters(self) -> list[DeadLetter]:
        """Letters that are not tried any more, oldest first, without what the principal may not know of."""
        self._allow_here("read_dead_letters")
        return self._dead_letters()

    @transaction(writing=True)
    def deliver_again(self, letter: str) -> int:
        """Let a dead letter be tried again, from the first attempt; returns at how many sinks. Raises `NotFound`."""
        self._check_dead(letter)
        count = self._store.deliver_again(self._school, letter, self._casework.clock())
        log.info("deliver_again", school=self._school, letter=letter, by=self._principal.id)
        return count

    @transaction(writing=True)
    def told_otherwise(self, letter: str) -> int:
        """Take a dead letter off the list, since its person was told by telephone or in person. Raises `NotFound`.

        The notice stays what it was: one that did not arrive. Returns at how many sinks it was dead.
        """
        self._check_dead(letter)
        count = self._store.lay_aside(self._school, letter)
        log.info("told_otherwise", school=self._school, letter=letter, by=self._principal.id)
        return count

    def _check_dead(self, letter: str) -> None:
        check_kind(letter, str, "a dead letter", "its id, as dead_letters() gives it")
        self._allow_here("read_dead_letters")
        if letter not in {dead.id for dead in self._dead_letters()}:
            raise NotFound("dead letter", letter[:64])

    def _dead_letters(self) -> list[DeadLetter]:
        dead = self._store.dead_letters(self._school)
        hidden = set(self._store.implicated(self._school, self._principal.id)) if dead else set()
        children = {notice.child for one in dead for notice in one.notices if notice.child in hidden}
        records = self._store.load(self._school, sorted(children))
        found = []
        for one in dead:
            shown = tuple(
                notice
                for notice in one.notices
                if notice.child not in records or may_get(records[notice.child], notice, self._principal.id)
            )
            if shown or not one.notices:
                found.append(evolve(one, notices=shown))
        return found
