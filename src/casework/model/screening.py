"""Named screening instruments: what a score can be, and whether an answer asks about self-harm.

From which score on the psychologist is asked is the policy's (`casework.policy.values.THRESHOLDS`); a screening says
that somebody has to look, never what a child has.
"""

from collections.abc import Mapping
from datetime import date, datetime

from attrs import frozen


@frozen
class Instrument:
    """A questionnaire: scores run from 0 to ``most``; ``self_harm`` is the most that its item on self-harm can be.

    ``cut_off`` is the score from which on the ``source`` counts it, and the default of the policy's threshold.
    """

    id: str
    title: str
    most: int
    cut_off: int
    source: str
    self_harm: int = 0

    @property
    def threshold(self) -> str:
        """The name of the policy's number."""
        return f"screening_{self.id}"


INSTRUMENTS: Mapping[str, Instrument] = {
    found.id: found
    for found in (
        Instrument(
            "sdq_parent",
            "Strengths and Difficulties Questionnaire (Goodman 1997), total difficulties, parent's form",
            40,
            17,
            "Du and others 2008, Child Adolesc Psychiatry Ment Health 2:8, table 4: China, 3–17 years, abnormal 17–40",
        ),
        Instrument(
            "sdq_teacher",
            "Strengths and Difficulties Questionnaire (Goodman 1997), total difficulties, teacher's form",
            40,
            18,
            "Du and others 2008, Child Adolesc Psychiatry Ment Health 2:8, table 4: China, 3–17 years, abnormal 18–40",
        ),
        Instrument(
            "sdq_self",
            "Strengths and Difficulties Questionnaire (Goodman 1997), total difficulties, the pupil's own form",
            40,
            18,
            "Du and others 2008, Child Adolesc Psychiatry Ment Health 2:8, table 4: China, self report, abnormal 18–40",
        ),
        Instrument(
            "phq_a",
            "Patient Health Questionnaire for adolescents, nine items (Johnson and others 2002)",
            27,
            11,
            "Richardson and others 2010, Pediatrics 126:1117: PHQ-9 at 13 to 17 years, 11 or more (.895 / .775)",
            self_harm=3,
        ),
        Instrument(
            "ces_dc",
            "Center for Epidemiological Studies Depression Scale for Children",
            60,
            15,
            "Fendrich and others 1990, Am J Epidemiol 131:538; poor with younger children (Faulstich and others 1986)",
        ),
        Instrument(
            "cdi",
            "Children's Depression Inventory (Kovacs), 27 items",
            54,
            20,
            "Bang and others 2015, Psychiatry Investig 12:23: Korea, 12 to 16 years, 20 or more (.83 / .89)",
            self_harm=2,
        ),
        Instrument(
            "scared",
            "Screen for Child Anxiety Related Emotional Disorders, 41 items, total",
            82,
            25,
            "Birmaher and others 1999, J Am Acad Child Adolesc Psychiatry 38:1230",
        ),
        Instrument(
            "mht",
            "Mental Health Test 心理健康诊断测验 (Zhou Bucheng 1991), 90 items without the ten on truthfulness",
            90,
            65,
            "common practice in China; the manual was not at hand, and pages about it contradict one another",
        ),
    )
}
"""The instruments by id. Forms of the same questionnaire differ in who answers, and so in their cut-offs."""


@frozen
class Screening:
    """One pupil's answers to an instrument on a day: the ``score``, and what the item on ``self_harm`` said.

    ``by`` led it. Positive answers on self-harm are observed danger, which the concern noted with them says.
    """

    id: str
    instrument: str
    score: int
    on: date
    by: str
    entered_at: datetime
    entered_by: str
    self_harm: int | None = None
    voided: str = ""
