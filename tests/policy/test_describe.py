from casework.policy import describe, load_policy, loads_policy, shipped_packs
from tests.policy.texts import duty, pack


def when(windows):
    """When, due and closes of each window."""
    return [(row["when"], row["due"], row["closes"]) for row in describe(loads_policy(pack(duty(windows=windows))))]


class TestDescribe:
    def test_each_window_is_a_row(self):
        """Every window of every duty of the shipped packs is one row of the same texts."""
        for name in shipped_packs():
            policy = load_policy(name)
            rows = describe(policy)

            assert [duty.id for duty in policy.duties for _ in duty.windows] == [row["duty"] for row in rows]
            assert {str} == {type(text) for row in rows for text in row.values()}

    def test_row_says_who_owes_what(self):
        """A row names duty, title, subject, role, acts and source; the window's own role goes first."""
        row = [row for row in describe(load_policy("town-primary")) if row["duty"] == "D11"][1]

        assert {
            "duty": "D11",
            "title": "Irregular home visits; helpers visit regularly",
            "subject": "child",
            "role": "lead",
            "when": "each TERM",
            "due": "end of term",
            "closes": "when due",
            "discharged_by": "visit",
            "source": "S3",
        } == row

    def test_windows_read_as_sentences(self):
        """Parts of the term, standing duties, repetitions, triggers and conditions are told in words."""
        assert [("each MID", "end of MID", "term end")] == when('{ each = "MID", closes = "term end" }')
        assert [("each MONTH; unless boarder", "end of month", "when due")] == when(
            '{ each = "MONTH", unless = "boarder" }'
        )
        assert [("every 14 days; only boarder", "14 days", "when due")] == when(
            '{ every = "14 days", only = "boarder" }'
        )
        assert [("on absence, concern", "5 td", "9 td")] == when(
            '{ on = ["absence", "concern"], within = "5 td", closes = "9 td" }'
        )
        assert [("after identified", "20 td, or 10 td after filed if sooner", "when due")] == when(
            '{ after = "identified", within = "20 td", sooner = { after = "filed", within = "10 td" } }'
        )
