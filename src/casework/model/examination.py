"""The physical examination (D29): five measures with their units, and eye, ear, nose and mouth (the 五官).

Numbers stand in the act's details as whole numbers whose unit is in the name, so that they can be counted and corrected
like every other coded fact. What lies outside a plausible range is a slip of the pen and refused; what is abnormal is
for the medical staff to say.
"""

from collections.abc import Mapping

from attrs import field, frozen

from casework.errors import CommandRefused
from casework.model.activity import Detail
from casework.model.convert import words
from casework.model.reason import check_code


@frozen
class Measure:
    """One number of an examination: how it stands in the details, times how much, its unit, and what is plausible."""

    detail: str
    times: int
    unit: str
    least: float
    most: float


MEASURES: Mapping[str, tuple[Measure, ...]] = {
    "blood_pressure": (
        Measure("systolic_mmhg", 1, "mmHg", 60, 200),
        Measure("diastolic_mmhg", 1, "mmHg", 30, 130),
    ),
    "height": (Measure("height_mm", 10, "cm", 50, 220),),
    "vision": (
        Measure("vision_left_tenths", 10, "on the five-grade scale", 3.0, 5.3),
        Measure("vision_right_tenths", 10, "on the five-grade scale", 3.0, 5.3),
    ),
    "vital_capacity": (Measure("vital_capacity_ml", 1, "ml", 300, 7000),),
    "chest_circumference": (Measure("chest_mm", 10, "cm", 30, 130),),
}
"""The five measures of the third summary; blood pressure and vision (left, right) have two numbers each."""

ORGANS = ("eye", "ear", "nose", "mouth")
NORMAL = "normal"
ABNORMAL = "abnormal"

Number = float | tuple[float, float] | None


@frozen
class Examination:
    """What an examination found; None and empty mean not examined.

    ``blood_pressure`` is (systolic, diastolic) in mmHg, ``height`` and ``chest_circumference`` are in cm, ``vision`` is
    (left, right) on the five-grade scale, ``vital_capacity`` in ml. Each organ is ``normal`` or a code such as
    ``caries``. ``abnormal`` names the measures that the medical staff found abnormal. Raises `CommandRefused` for a
    number outside its plausible range.
    """

    blood_pressure: Number = None
    height: Number = None
    vision: Number = None
    vital_capacity: Number = None
    chest_circumference: Number = None
    eye: str = ""
    ear: str = ""
    nose: str = ""
    mouth: str = ""
    abnormal: tuple[str, ...] = field(default=(), converter=words)

    def __attrs_post_init__(self) -> None:
        for name, measures in MEASURES.items():
            for measure, value in zip(measures, self._numbers(name), strict=False):
                if not measure.least <= value <= measure.most:
                    raise CommandRefused(
                        f"{name} {value:g} {measure.unit} is not plausible ({measure.least:g} to {measure.most:g}); "
                        "measure or type again"
                    )
        for organ in ORGANS:
            if getattr(self, organ):
                check_code(getattr(self, organ), organ)
        for name in self.abnormal:
            if name not in MEASURES or getattr(self, name) is None:
                raise CommandRefused(f"abnormal= names a measure that was taken: one of {', '.join(MEASURES)}")

    def _numbers(self, name: str) -> tuple[float, ...]:
        value: Number = getattr(self, name)
        if value is None:
            return ()
        several = value if isinstance(value, tuple | list) else (value,)
        wanted = MEASURES[name]
        if len(several) != len(wanted) or not all(isinstance(one, int | float) for one in several):
            units = ", ".join(f"{measure.detail}" for measure in wanted)
            raise CommandRefused(f"{name} is {len(wanted)} numbers ({units}); give them in that order")
        return tuple(several)

    @property
    def findings(self) -> tuple[str, ...]:
        """What is abnormal: measures and organs."""
        return (*self.abnormal, *(organ for organ in ORGANS if getattr(self, organ) not in {"", NORMAL}))

    def details(self) -> dict[str, Detail]:
        """The examination as coded facts of an act."""
        found: dict[str, Detail] = {}
        for name, measures in MEASURES.items():
            for measure, value in zip(measures, self._numbers(name), strict=False):
                found[measure.detail] = round(value * measure.times)
        found |= {organ: getattr(self, organ) for organ in ORGANS if getattr(self, organ)}
        found |= {f"{ABNORMAL}_{name}": True for name in self.abnormal}
        if self.findings:
            found[ABNORMAL] = True
        return dict(sorted(found.items()))

    @classmethod
    def of(cls, details: Mapping[str, Detail]) -> "Examination":
        """The examination that stands in an act's details. Raises `CommandRefused` for details that are of none."""
        given: dict[str, Number | str | tuple[str, ...]] = {}
        known = {ABNORMAL, *ORGANS, *(f"{ABNORMAL}_{name}" for name in MEASURES)}
        for name, measures in MEASURES.items():
            known.update(measure.detail for measure in measures)
            held = [details[measure.detail] for measure in measures if measure.detail in details]
            if held and (len(held) < len(measures) or not all(type(value) is int for value in held)):
                raise CommandRefused(f"an examination's {name} is whole numbers; enter it with `examine`")
            numbers = [int(value) / measure.times for value, measure in zip(held, measures, strict=False)]
            if numbers:
                given[name] = numbers[0] if len(numbers) == 1 else (numbers[0], numbers[1])
        if strange := sorted(set(details) - known):
            raise CommandRefused(f"an examination has no {strange[0]}; it has {', '.join(sorted(known))}")
        given |= {organ: str(details[organ]) for organ in ORGANS if organ in details}
        given[ABNORMAL] = tuple(name for name in MEASURES if details.get(f"{ABNORMAL}_{name}"))
        return cls(**given)  # type: ignore[arg-type]  # each name with its own type
