from datetime import timedelta

import pytest
from attrs import evolve

from casework.model.case import Mark
from casework.model.decisions import Escalate, Flag, Move
from casework.model.emergency import Emergency
from casework.model.obligation import Obligation
from casework.model.people import Contact, ContactCard, Pairing
from casework.rules import builtin
from casework.testing.factories import MORNING, TODAY, activity, autumn_day, case, concern

DAY = timedelta(days=1)


def ago(days):
    """So many days before today."""
    return TODAY - DAY * days


def says(rule, one):
    """What a rule decides today, if it looks at the record at all."""
    return list(rule(one, autumn_day())) if rule.matches(one) else []


def acts(kind, *days, **facts):
    """Activities of so many days ago."""
    return [activity(kind, id=f"{kind}{k}", on=ago(d), **facts) for k, d in enumerate(days)]


class TestFirstContact:
    @pytest.mark.parametrize("kind", builtin.CONTACTS)
    def test_the_first_contact_after_pairing_begins_the_monitoring(self, kind):
        """Any contact that reached somebody on the day of pairing or later begins the monitoring."""
        paired = case("paired", pairings=(Pairing("t.li", ago(3)),), activities=acts(kind, 3))

        assert ["monitored"] == [d.to for d in says(builtin.first_contact, paired) if isinstance(d, Move)]

    @pytest.mark.parametrize(("days", "facts"), [(4, {}), (3, {"reached": False}), (3, {"voided": "wrong_child"})])
    def test_what_reached_nobody_since_begins_nothing(self, days, facts):
        """A contact before the pairing, in vain, or voided begins nothing."""
        paired = case("paired", pairings=(Pairing("t.li", ago(3)),), activities=acts("visit", days, **facts))

        assert [] == says(builtin.first_contact, paired)

    def test_a_census_is_no_contact(self):
        """Filling in a form is no contact with the child."""
        assert [] == says(builtin.first_contact, case("paired", activities=acts("census", 1)))


class TestDanger:
    @pytest.mark.parametrize("state", ["no_case", "identified", "monitored", "escalated", "closed"])
    def test_observed_danger_is_an_emergency_in_every_state(self, state):
        """Danger that somebody saw is an emergency at once, for every child."""
        seen = concern("violence", id="c1", severity="danger", implicated=("p.father",))
        found = says(builtin.danger_seen, case(state, concerns=[seen]))

        assert [("violence", ("c1",), ("p.father",))] == [(d.kind, d.about, d.implicated) for d in found]
        assert all(isinstance(d, Escalate) for d in found)

    @pytest.mark.parametrize("facts", [{"severity": "high"}, {"observed": False}, {"voided": "wrong_child"}])
    def test_less_than_observed_danger_raises_no_alarm(self, facts):
        """A grave concern, inferred or voided danger raises no alarm by itself."""
        seen = concern("violence", **({"id": "c1", "severity": "danger"} | facts))

        assert [] == says(builtin.danger_seen, case(concerns=[seen]))

    def test_thirty_days_are_inside(self):
        """Danger that happened thirty days ago and is entered today is an emergency."""
        assert 1 == len(says(builtin.danger_seen, case(concerns=[concern("violence", severity="danger", on=ago(30))])))

    def test_inferred_danger_asks_for_a_confirmation(self):
        """Danger that was only inferred is shown, until somebody has seen the child since."""
        inferred = concern("violence", id="c1", severity="danger", observed=False, on=ago(2))

        assert [Flag] == [type(d) for d in says(builtin.danger_to_confirm, case(concerns=[inferred]))]
        assert [Flag] == [
            type(d) for d in says(builtin.danger_to_confirm, case(concerns=[inferred], activities=acts("visit", 3)))
        ]
        assert [] == says(builtin.danger_to_confirm, case(concerns=[inferred], activities=acts("visit", 2)))

    def test_a_call_is_no_look(self):
        """A telephone call does not show that a child is safe."""
        inferred = concern("violence", id="c1", severity="danger", observed=False, on=ago(2))

        assert 1 == len(says(builtin.danger_to_confirm, case(concerns=[inferred], activities=acts("call", 1))))


class TestNobodyReached:
    @pytest.mark.parametrize(("reached", "attempts"), [("--", 2), ("-", 0), ("--+", 0), ("-+--", 2), ("+---", 3)])
    def test_attempts_in_vain_are_shown_until_somebody_is_reached(self, reached, attempts):
        """Two attempts running that reached nobody are shown; one success takes the remark away."""
        calls = [activity("call", id=f"a{k}", on=ago(9 - k), reached=sign == "+") for k, sign in enumerate(reached)]
        found = says(builtin.nobody_reached, case(activities=calls))

        assert ([attempts] if attempts else []) == [d.because.facts["attempts"] for d in found]

    def test_kinds_of_contact_run_together(self):
        """A call and a visit in vain are two attempts."""
        mixed = acts("call", 2, reached=False) + acts("visit", 1, reached=False)

        assert 1 == len(says(builtin.nobody_reached, case(activities=mixed)))

    @pytest.mark.parametrize("rule", [builtin.nobody_reached, builtin.psychological_signs])
    def test_what_shows_nothing_asks_for_no_look(self, rule):
        """Attempts that were answered since, and talks in an even mood, wake nobody when the month has passed."""
        now = autumn_day()
        known = [*acts("call", 5, 4, reached=False), *acts("talk", 3, 1, mood="even")]
        found = list(rule(case(activities=known), now))

        assert ([], None) == (found, now.earliest)

    def test_attempts_that_are_shown_ask_for_a_look(self):
        """The day on which the first of the attempts shown drops out of the month is asked for."""
        now = autumn_day()
        list(builtin.nobody_reached(case(activities=acts("call", 5, 4, reached=False)), now))

        assert now.midnight(ago(5) + DAY * (builtin.ATTEMPT_DAYS + 1)) == now.earliest


class TestVisitsMissed:
    def visits(self, *statuses, duty="D10"):
        """A case with visits of these statuses."""
        found = [
            Obligation(duty, f"w{k}", ago(90 - 10 * k), ago(85 - 10 * k), ago(85 - 10 * k), "class_teacher", status)
            for k, status in enumerate(statuses)
        ]
        return case(obligations={o.key: o for o in found})

    @pytest.mark.parametrize(
        ("statuses", "count"),
        [
            (["missed"], 0),
            (["missed", "missed"], 1),
            (["missed", "met", "missed"], 0),
            (["missed", "superseded", "missed"], 1),
            (["missed", "missed", "open"], 1),
            (["missed", "missed", "met_late"], 0),
        ],
    )
    def test_two_home_visits_missed_running_are_shown(self, statuses, count):
        """The last two home visits count, without those that were set aside or are still open."""
        assert count == len(says(builtin.visits_missed, self.visits(*statuses)))

    def test_other_duties_do_not_count(self):
        """Missed calls are no missed visits."""
        assert [] == says(builtin.visits_missed, self.visits("missed", "missed", duty="D12"))


class TestStale:
    @pytest.mark.parametrize(("days", "count"), [(179, 0), (180, 1)])
    def test_a_file_of_half_a_year_ago_is_stale(self, days, count):
        """A file that nobody touched for 180 days is shown."""
        filed = case(marks={"filed": Mark("filed", "filed", ago(days), "t.wang")})

        assert count == len(says(builtin.file_unreviewed, filed))

    def test_a_review_makes_it_fresh(self):
        """A review counts as writing."""
        filed = case(marks={"filed": Mark("filed", "filed", ago(300), "t.wang")}, activities=acts("review", 100))

        assert [] == says(builtin.file_unreviewed, filed)

    def test_without_a_file_there_is_nothing_stale(self):
        """A child without a file is the business of D2."""
        assert [] == says(builtin.file_unreviewed, case("identified"))

    def test_each_old_contact_is_shown(self):
        """A card is shown by contact: the one that nobody verified for 180 days."""
        card = ContactCard(
            carer=Contact("x", "aunt", verified_on=ago(179)),
            parents=[Contact("y", "father", verified_on=ago(180)), Contact("z", "mother")],
        )

        assert [("parent1",)] == [d.about for d in says(builtin.card_unverified, case(card=card))]
        assert [] == says(builtin.card_unverified, case())


class TestLookAgain:
    def stood_down(self, **facts):
        """An emergency that was stood down, to be looked at again today."""
        at = MORNING - DAY * 5
        one = Emergency("e1", "missing", at, "t.wang", at, "stood_down", look_again=TODAY)
        return evolve(one, **facts)

    def test_on_its_day_somebody_looks_again(self):
        """On the day that was named the case is shown, until the child was seen on that day or later."""
        due = case(emergencies={"e1": self.stood_down()})

        assert [("look_again", ("e1",))] == [(d.code, d.about) for d in says(builtin.look_again, due)]
        assert [] == says(builtin.look_again, evolve(due, activity_log={"v": activity("visit", id="v", on=TODAY)}))
        assert 1 == len(says(builtin.look_again, evolve(due, activity_log={"v": activity("visit", id="v", on=ago(1))})))

    def test_before_its_day_the_record_is_woken(self):
        """The day before nobody is bothered, and the record is looked at on the day."""
        later = case(emergencies={"e1": self.stood_down(look_again=TODAY + DAY)})
        now = autumn_day()

        assert [] == list(builtin.look_again(later, now))
        assert now.midnight(TODAY + DAY) == now.earliest

    @pytest.mark.parametrize("facts", [{"look_again": None}, {"state": "responding"}])
    def test_without_a_day_or_while_it_lasts_nothing_is_shown(self, facts):
        """An emergency that is not stood down, or was without a day, asks for no second look."""
        assert [] == says(builtin.look_again, case(emergencies={"e1": self.stood_down(**facts)}))


class TestNobodyAway:
    @pytest.mark.parametrize(("away", "count"), [("none", 1), ("one", 0), ("both", 0)])
    def test_a_child_whose_parents_are_back_is_proposed_for_closing(self, away, count):
        """The case is not closed by itself: a person decides."""
        assert count == len(says(builtin.nobody_away, case(away=away)))

    def test_a_closed_case_is_not_proposed(self):
        """What is closed needs no closing."""
        assert [] == says(builtin.nobody_away, case("closed", away="none"))
