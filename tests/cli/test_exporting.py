"""``export`` and ``statistics`` on the command line."""

import csv

from tests.cli.schools import done

AS = ("--as", "t.shen")


class TestExport:
    def test_pseudonymous_by_default(self, ok, school):
        """Four files under pseudonyms; no child's id and no person's stands in any of them."""
        found = ok("export", "out", *AS)
        texts = [(school / path).read_text(encoding="utf-8-sig") for path in found["files"]]

        assert (4, False) == (len(texts), found["named"])
        assert 5 == found["rows"]["cases"]
        assert [] == [id_ for id_ in ("p-002", "p-120", "t.li", "t.wu") for text in texts if id_ in text]

    def test_the_same_key_joins_two(self, ok, school):
        """With one key file the names are the same, without they are not."""
        (school / "key").write_bytes(bytes(range(32)))
        names = []
        for folder, more in (("a", ()), ("b", ()), ("c", ("--key-file", "key")), ("d", ("--key-file", "key"))):
            ok("export", folder, *more, *AS)
            with (school / folder / "cases.csv").open(encoding="utf-8-sig") as file:
                names.append({row["child"] for row in csv.DictReader(file)})

        assert names[2] == names[3]
        assert set() == names[0] & names[1] == names[0] & names[2]

    def test_named_with_a_reason(self, ok, school):
        """With --named and --reason ids stand in it, as a workbook too."""
        ok("export", "named", "--named", "--reason", "court_order", *AS)
        ok("export", "named.xlsx", "--named", "--reason", "court_order", *AS)

        assert "p-002" in (school / "named" / "cases.csv").read_text(encoding="utf-8-sig")
        assert b"PK" == (school / "named.xlsx").read_bytes()[:2]

    def test_wrong_usage_is_told(self, cw, school):
        """Names without a reason, a key that is none, a place that cannot be written: each says what to do."""
        (school / "short").write_bytes(b"x")
        (school / "file").write_bytes(b"x")
        lines = {
            ("--named",): "--reason",
            ("--reason", "x"): "--named",
            ("--named", "--reason", "x", "--key-file", "short"): "--key-file",
            ("--key-file", "nowhere"): "random bytes",
            ("--key-file", "short"): "at least 16 bytes",
        }
        for words, said in lines.items():
            assert said in cw("export", "out", *words, *AS).err
        assert "cannot be written" in cw("export", "file", *AS).err
        assert not (school / "out").exists()


class TestStatistics:
    def test_small_counts_are_hidden(self, ok, cw):
        """In a school of five cases next to nothing is told."""
        found = ok("statistics", "--as", "t.shen")
        shown = [
            n for part in ("cases", "obligations", "emergencies") for row in found[part].values() for n in row.values()
        ]

        assert [] == [n for n in shown if n is not None and n < 5]
        assert None in shown
        assert "·" in cw("statistics", *AS).out

    def test_a_district_gets_the_same_from_the_summary(self, ok, cw, school):
        """``summary --district`` says what may leave the school, and nothing else."""
        found = done("summary", "--district", *AS)

        assert found == ok("statistics", *AS)
        page = cw("summary", "--district", *AS).out
        assert "p-0" not in page
        assert "counts under 5 are hidden" in page
