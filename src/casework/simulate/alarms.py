"""What people do about emergencies: whoever is told answers after a while, or never, goes there, sees the child safe.

Everybody acts through their own desk; who may not know of an emergency is not told of it and finds none.
"""

from casework.engine.outcome import Outcome
from casework.engine.port import Outgoing
from casework.model.calendar import DAY
from casework.model.emergency import Emergency
from casework.simulate.chance import lognormal
from casework.simulate.hidden import MINUTES, Crisis
from casework.simulate.kernel import PEOPLE, SWEEP
from casework.simulate.place import Place

ANSWER_SIGMA = 0.8
LOOK_AGAIN_DAYS = 7
NIGHT = (22, 6)
AGENCIES = {"missing": "police", "self_harm": "hospital", "injury": "hospital", "abuse_disclosed": "police"}
REPORTER = "hotline"
"""Whom the host enters a report of danger as when nobody of the school works."""


class Alarms:
    """Emergencies of the simulated school, from the report to the review."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.told: list[Outgoing] = []
        self._seen: set[str] = set()
        self._asked: set[int] = set()
        self._silent: dict[str, int] = {}

    def silence(self, role: str, days: int) -> None:
        """From now on whoever is told as holder of this role does not answer, for so many days."""
        self._silent[role] = self.place.kernel.minute + days * MINUTES

    def crisis(self, child: str, crisis: Crisis) -> None:
        """Somebody noticed a crisis: whoever teaches the class raises it, or the office."""
        place = self.place
        implicated: tuple[str, ...] = ()
        if crisis.kind == "abuse_disclosed":
            u = place.chance.uniform("blamed", child, crisis.number)
            lead = place.lead(child)
            if u < place.rates["blames_carer"]:
                implicated = ("carer",)
            elif u < place.rates["blames_carer"] + place.rates["blames_helper"] and lead:
                implicated = (lead,)
        self.report(child, crisis.kind, "", implicated)

    def report(self, child: str, kind: str, by: str, implicated: tuple[str, ...]) -> None:
        """Raise an emergency through the desk of ``by``, or of whoever is there and not implicated."""
        place = self.place
        if place.mode == "zero":
            by = REPORTER
        elif not by or by in implicated or place.staff.absent(by, place.today):
            teacher = place.teacher(place.world.children[child])
            by = place.staff.office if teacher in implicated else teacher
        place.desk(by).raise_emergency(child, kind, implicated=implicated)
        self.follow()

    def follow(self) -> None:
        """Read the outbox, let everybody who was told do something, be there when the next step of a ladder is due."""
        place = self.place
        with place.store.read():
            rows = [row for row in place.store.outgoing(place.school) if row.key not in self._seen]
            live = place.store.live(place.school)
            looks = [place.store.wake_of(place.school, child)[1] for child in live]
        for row in rows:
            self._seen.add(row.key)
            self.told.append(row)
            if row.topic == "emergency":
                self._answers(row)
        for at in looks:
            if at is not None:
                minute = max(place.minute_of(at), place.kernel.minute)
                if minute not in self._asked:
                    self._asked.add(minute)
                    place.kernel.at(minute, SWEEP, self._sweep)

    def _sweep(self) -> None:
        self.place.sweep()
        self.follow()

    def _answers(self, row: Outgoing) -> None:
        """Somebody was told: after a while they answer, or they never do."""
        place = self.place
        emergency, state, step = str(row.facts["emergency"]), str(row.facts["state"]), row.facts["step"]
        if place.mode == "zero" or self._silent.get(row.role, 0) > place.kernel.minute:
            return
        draw = (row.person, row.child, emergency, state, step)
        hour = place.local_hour
        night = not NIGHT[1] <= hour < NIGHT[0]
        if place.mode != "diligent" and place.chance.happens(
            place.rates["silent_at_night" if night else "silent"], "silent", *draw
        ):
            return
        delay = self._delay("answers", place.rates["answer_minutes"], draw)
        self._later(delay, row.person, row.child, emergency, state)

    def _later(self, delay: float, person: str, child: str, emergency: str, state: str) -> None:
        kernel = self.place.kernel
        kernel.at(kernel.minute + max(1, int(delay)), PEOPLE, lambda: self._act(person, child, emergency, state))

    def _delay(self, purpose: str, median: float, draw: tuple[object, ...]) -> float:
        place = self.place
        if place.mode == "diligent":
            return median
        return lognormal(place.chance.uniform(purpose, *draw), median, ANSWER_SIGMA)

    def _act(self, person: str, child: str, emergency: str, state: str) -> None:
        """Take the next step, if nobody took it meanwhile, and go on to the one after."""
        place = self.place
        acting = person if person != "outside" else place.staff.vice
        desk = place.desk(acting)
        found = desk.case(child).emergencies.get(emergency)
        if found is None or found.state != state:
            return
        if found.stood_down_by == acting:
            acting = self._another(found)
        if not acting or place.staff.absent(acting, place.today):
            return
        if person == "outside" and state == "raised":
            agency = AGENCIES.get(found.kind, "education")
            done = desk.call_outside(child, emergency, agency, f"call-{emergency}")
        else:
            done = self._step(acting, child, found)
        after = done.case.emergencies[emergency].state
        draw = (acting, child, emergency, after)
        if after != "reviewed" and (
            place.mode == "diligent" or not place.chance.happens(place.rates["falters"], "falters", *draw)
        ):
            self._later(self._delay("goes on", self._median(after), draw), acting, child, emergency, after)
        self.follow()

    def _another(self, found: Emergency) -> str:
        """Who reviews an emergency besides whoever stood it down: somebody told of it, or the vice principal."""
        staff, never = self.place.staff, {found.stood_down_by, *found.implicated}
        told = (notice.person for notice in found.notices if notice.person in staff.everybody)
        return next((person for person in (*told, staff.vice) if person not in never), "")

    def _step(self, acting: str, child: str, found: Emergency) -> Outcome:
        place = self.place
        desk = place.desk(acting)
        if found.state == "raised":
            return desk.acknowledge(child, found.id)
        if found.state == "acknowledged":
            return desk.respond(child, found.id)
        if found.state == "responding":
            again = place.today + DAY * LOOK_AGAIN_DAYS
            return desk.stand_down(
                child, found.id, "child_safe", safe_seen_by=acting, safe_seen_at=place.clock(), look_again=again
            )
        return desk.review(child, found.id)

    def _median(self, state: str) -> float:
        rates = self.place.rates
        return {
            "acknowledged": rates["respond_minutes"],
            "responding": rates["safe_hours"] * 60,
            "stood_down": rates["review_days"] * 24 * 60,
        }[state]
