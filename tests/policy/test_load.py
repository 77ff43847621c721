from pathlib import Path

import pytest

from casework.errors import CaseworkError, PolicyRefused
from casework.policy import ActSpec, Length, Window, load_policy, loads_policy, shipped_packs
from casework.policy.values import THRESHOLDS
from tests.policy.texts import duty, pack

VISITS = Window(on=("absence", "concern", "carer_changed", "unreachable", "look_again"), within=Length(5))


def problem(call, *args, **kwargs):
    """The only problem for which the call is refused."""
    with pytest.raises(PolicyRefused) as caught:
        call(*args, **kwargs)
    (found,) = caught.value.problems
    return found


class TestShippedPacks:
    def test_three_schools_ship(self):
        """A class teacher's, a school's and a town primary school's pack ship with the library."""
        assert ("class-teacher", "school", "town-primary") == shipped_packs()

    @pytest.mark.parametrize(
        ("name", "duties"),
        [
            ("class-teacher", "D1 D2 D11 D14"),
            (
                "school",
                "D1 D2 D3 D8 D9 D12 D14 D21 D23 D24 D24-class D24-guardian D24-teachers D26 D27 D41",
            ),
            ("town-primary", "D1 D2 D3 D8 D9 D10 D11 D12 D14 D19 D19-carer D29 D29-follow-up"),
        ],
    )
    def test_each_school_has_the_duties_its_summary_names(self, name, duties):
        """Each pack holds the duties that its summary names, in the order of their numbers, and no other."""
        assert duties.split() == [duty.id for duty in load_policy(name).duties]

    @pytest.mark.parametrize("name", ["class-teacher", "school", "town-primary"])
    def test_each_school_counts_who_is_on_the_register(self, name):
        """Each pack names the definition of left-behind by which it counts, and fills in every threshold."""
        policy = load_policy(name)

        assert "register" == policy.definition
        assert {name: usual for name, (usual, _, _) in THRESHOLDS.items()} == policy.thresholds

    @pytest.mark.parametrize("name", ["class-teacher", "school", "town-primary"])
    def test_each_ladder_leaves_the_school_after_four_rungs(self, name):
        """The ladder is the domain's: half an hour a rung, limits of 2 h, 24 h and 7 days, outside at the top."""
        ladder = load_policy(name).ladder
        rungs = [(rung.role, rung.deputy) for rung in ladder.rungs]

        assert [
            ("lead", "class_teacher"),
            ("safeguarding_lead", ""),
            ("vice_principal", ""),
            ("principal", ""),
            ("outside", ""),
        ] == rungs
        assert {"acknowledged": 120, "responding": 1440, "stood_down": 10080} == ladder.limits
        assert (30, 1440) == (ladder.step, ladder.repeat_cap)

    @pytest.mark.parametrize(
        ("name", "number", "role", "acts", "windows"),
        [
            (
                "town-primary",
                "D1",
                "class_teacher",
                "census",
                [Window(each="OPEN", closes="term end"), Window(on=("joined", "away_changed"), within=Length(10))],
            ),
            (
                "school",
                "D2",
                "class_teacher",
                "filed",
                [Window(after="identified", within=Length(10), closes=Length(20))],
            ),
            (
                "school",
                "D3",
                "class_teacher",
                "card",
                [
                    Window(after="identified", within=Length(10), closes=Length(20)),
                    Window(on=("number_dead",), within=Length(10), closes=Length(20)),
                ],
            ),
            (
                "town-primary",
                "D8",
                "leading_group",
                "pairing",
                [
                    Window(after="identified", within=Length(20), sooner=("filed", Length(10))),
                    Window(on=("pairing_ended",), within=Length(5)),
                ],
            ),
            (
                "school",
                "D9",
                "lead",
                "talk",
                [Window(every=14, only="key_child"), Window(each="MONTH", unless="key_child")],
            ),
            ("town-primary", "D10", "class_teacher", "visit", [Window(each=part) for part in ("OPEN", "MID", "CLOSE")]),
            ("class-teacher", "D11", "class_teacher", "visit", [VISITS, Window(each="TERM")]),
            ("town-primary", "D11", "class_teacher", "visit", [VISITS, Window(each="TERM", role="lead")]),
            ("town-primary", "D12", "class_teacher", "call letter", [Window(each="MONTH")]),
            ("class-teacher", "D14", "class_teacher", "carer_talk visit:carer", [Window(each="MONTH")]),
            ("school", "D41", "leading_group", "in_scope", [Window(on=("out_of_scope",), within=Length(0, "days"))]),
        ],
    )
    def test_windows_are_the_domains(self, name, number, role, acts, windows):
        """Who owes a duty, what discharges it and when it falls due are what the table of the domain says."""
        found = load_policy(name).duty(number)

        assert (role, acts.split()) == (found.role, list(map(str, found.discharged_by)))
        assert windows == list(found.windows)

    def test_talk_with_the_carer_is_excused_while_the_carer_is_implicated(self):
        """The talk with the carer, and what stands for the meeting the carer missed, are contacts with the carer."""
        contacts = {duty.id: duty.contact for duty in load_policy("town-primary").duties if duty.contact}

        assert {"D14": "carer", "D19-carer": "carer"} == contacts

    def test_scope_is_owed_by_the_school(self):
        """Scope, mechanism and its own letters are asked of the school, one letter of classes, all else for a child."""
        subjects = {duty.id: duty.subject for duty in load_policy("school").duties}

        assert ["D23", "D24", "D24-teachers", "D41"] == [id_ for id_, about in subjects.items() if about == "school"]
        assert ["D24-class"] == [id_ for id_, about in subjects.items() if about == "class"]
        assert {"child", "class", "school"} == set(subjects.values())

    def test_unknown_duty_is_none(self):
        """Asking for a duty that the policy does not have answers None."""
        assert load_policy("town-primary").duty("D99") is None


class TestLoadPolicy:
    def test_file_is_read_by_its_path(self, tmp_path):
        """A policy is read from a path, given as a path or as a text that ends in .toml."""
        path = tmp_path / "ours.toml"
        path.write_text(pack(duty()), encoding="utf-8")

        assert load_policy(path) == load_policy(str(path))
        assert ("ours@1",) == load_policy(path).packs

    def test_definition_of_the_call_holds(self):
        """A definition given in the call stands in place of the pack's, and changes the hash."""
        policy = load_policy("school", definition="state-council-2016")

        assert "state-council-2016" == policy.definition
        assert policy.hash != load_policy("school").hash

    def test_unknown_definition_is_refused(self):
        """A definition that nobody knows is refused with the ones that are known."""
        found = problem(load_policy, "school", definition="registre")

        assert "definition: 'registre' is unknown; did you mean 'register'?" == str(found)

    def test_misspelt_pack_is_refused_with_the_likely_one(self):
        """A pack that does not ship is refused, with the name that was probably meant."""
        found = problem(load_policy, "town-primry")

        assert (
            "'town-primry': no pack of that name ships with casework; "
            "did you mean 'town-primary'?; a file of yours ends in .toml"
        ) == str(found)

    def test_no_pack_is_refused(self):
        """A policy of no packs is refused with the names that ship."""
        found = problem(load_policy)

        assert "name a pack: class-teacher, school, town-primary, or the path of a TOML file" == found.mend

    @pytest.mark.parametrize(
        ("path", "why"),
        [
            ("no/such.toml", "cannot be read: No such file or directory"),
            (Path(__file__).parent, "cannot be read: Is a directory"),
            ("nul\0.toml", "cannot be read: it is no path"),
        ],
    )
    def test_unreadable_file_is_refused(self, path, why):
        """A file that cannot be read is refused with the reason, not with a traceback of the system's."""
        found = problem(load_policy, path)

        assert (why, "give the path of a TOML file") == (found.what, found.mend)

    def test_problems_of_all_packs_are_collected(self, tmp_path):
        """Every pack is read, and the problems of all of them are told at once."""
        path = tmp_path / "ours.toml"
        path.write_text(pack(duty()).replace("visit", "visot").replace("OPEN", "OPNE"), encoding="utf-8")

        with pytest.raises(PolicyRefused) as caught:
            load_policy("scool", path)

        assert ["'scool'", f"{path}:14 duty D10.discharged_by[1]", f"{path}:15 duty D10.windows[1].each"] == [
            problem.place for problem in caught.value.problems
        ]

    def test_refusal_reads_as_a_list(self):
        """The refusal's message holds a line for each problem; it is a casework error and a ValueError."""
        with pytest.raises(PolicyRefused) as caught:
            loads_policy(pack(duty()).replace("OPEN", "OPNE"), origin="ours.toml")

        assert (
            "policy refused:\n  ours.toml:15 duty D10.windows[1].each: 'OPNE' is unknown; did you mean 'OPEN'?"
        ) == str(caught.value)
        assert isinstance(caught.value, CaseworkError)
        assert isinstance(caught.value, ValueError)


class TestLoadsPolicy:
    def test_text_says_what_the_policy_holds(self):
        """Duty, window, act and head of a pack arrive as they are written."""
        policy = loads_policy(pack(duty(windows='{ each = "MID", unless = "boarder" }')))
        (found,) = policy.duties

        assert ("ours", "1", "Ours", "practice", "register") == (
            policy.id,
            policy.version,
            policy.title,
            policy.jurisdiction,
            policy.definition,
        )
        assert ("D10", ("S3",), (ActSpec("visit"),), (Window(each="MID", unless="boarder"),)) == (
            found.id,
            found.source,
            found.discharged_by,
            found.windows,
        )

    def test_without_a_ladder_the_domains_holds(self):
        """A pack that gives no ladder is run with the domain's, and with the usual thresholds."""
        policy = loads_policy(pack(duty()))

        assert load_policy("school").ladder == policy.ladder
        assert load_policy("school").thresholds == policy.thresholds

    def test_own_kind_of_activity_is_declared(self):
        """A school may have kinds of activity of its own, if the pack declares them."""
        text = pack(duty(), more='definition = "register"\nkinds = ["garden_day"]\n')

        (found,) = loads_policy(text.replace('["visit"]', '["garden_day:child"]')).duties

        assert (ActSpec("garden_day", "child"),) == found.discharged_by

    def test_window_of_the_dutys_own_role_names_none(self):
        """A window that repeats the role of its duty is the same as one that names none."""
        one = loads_policy(pack(duty(windows='{ each = "OPEN", role = "class_teacher" }')))

        assert loads_policy(pack(duty())) == one

    def test_ladder_is_in_minutes(self):
        """Steps and limits of a ladder arrive in minutes; what is not given is the domain's."""
        ladder = '[ladder]\nstep = "2 h"\nrungs = ["outside"]\n'
        short = loads_policy(pack(duty(), ladder)).ladder
        long = loads_policy(pack(duty(), ladder, '[ladder.limits]\nresponding = "2 days"\n')).ladder

        assert (120, 1440) == (short.step, short.repeat_cap)
        assert {"acknowledged": 120, "responding": 1440, "stood_down": 10080} == short.limits
        assert {"acknowledged": 120, "responding": 2880, "stood_down": 10080} == long.limits

    def test_lone_surrogate_is_refused(self):
        """A text that UTF-8 cannot hold is refused like bytes that are none."""
        found = problem(loads_policy, pack(duty()).replace("Ours", "\ud800"))

        assert "text:4: byte 47 of the file is not UTF-8; save the file as UTF-8" == str(found)
