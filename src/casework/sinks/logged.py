"""A line in the log for every letter: for trying things out, and beside other sinks."""

from attrs import frozen

from casework import log
from casework.engine.post import Letter


@frozen
class _Logged:
    """Says in the log that there is a letter, by ids alone; it reaches nobody, and never fails."""

    reaches: bool = False

    def __call__(self, letter: Letter) -> None:
        """Write the line."""
        log.info(
            "letter",
            school=letter.school,
            letter=letter.id,
            person=letter.person,
            topic=letter.topic,
            notices=len(letter.notices),
        )


log_letter = _Logged()
"""The sink that writes a line in the log: school, id, person, topic and the number of notices."""
