import json
from datetime import UTC, date, datetime

import pytest

from casework.errors import CommandRefused
from casework.model import parcel as p

DAY, AT = date(2026, 9, 14), datetime(2026, 9, 14, 8, tzinfo=UTC)
WHOLE = p.Parcel(
    p.FORMAT,
    "s-17",
    "both",
    "register",
    "h-1",
    boarder=True,
    key_child=False,
    contacts=(p.ParcelContact("carer", "Liu", "grandmother", "138", "", "g-1", DAY, dead=False),),
    concerns=(
        p.ParcelConcern("c1", "neglect", DAY, "t.li", "high", observed=True, implicated=("carer",), note="cold"),
    ),
    emergencies=(p.ParcelEmergency("e1", "missing", AT, "raised", True, ("c1",), (), ""),),  # noqa: FBT003
    referrals=(p.ParcelReferral("r1", "psychology", DAY, "accepted", "grief", False, (), (), "sad"),),  # noqa: FBT003
    owed=("D9/2026-09 due 2026-09-30 (lead)",),
    history=("2026-09-02 visit by t.li: reached",),
    restricted=(),
    left_out=0,
)


def spoilt():
    """Every field of the whole parcel with a value of another type, left out, and one too many."""
    found = json.loads(p.written(WHOLE))
    for place in (found, *(found[name][0] for name in ("contacts", "concerns", "emergencies", "referrals"))):
        for name, value in list(place.items()):
            for other in ([1], {"a": 1}, 1.5, "x" * 100_001, None if name != "verified_on" else 7, not value):
                if type(other) is type(value) and not (isinstance(other, str) and len(other) > p.LONGEST):
                    continue
                place[name] = other
                if other != value:
                    yield json.dumps(found)
                place[name] = value
            del place[name]
            yield json.dumps(found)
            place[name] = value
        place["more"] = 1
        yield json.dumps(found)
        del place["more"]


class TestShowing:
    def test_no_personal_word_is_shown(self):
        """What a program prints of a parcel by a slip holds codes and ids, and no name, phone, note or history."""
        said = repr(WHOLE)

        assert not [word for word in ("Liu", "138", "cold", "sad", "visit by") if word in said]


class TestReading:
    def test_what_was_written_is_read(self):
        """A parcel is read as it was written."""
        assert WHOLE == p.read(p.written(WHOLE))

    def test_what_is_spoilt_is_refused(self):
        """Any field of another type, left out or unknown is refused in words that show nothing of it."""
        texts = list(spoilt())
        for text in texts:
            with pytest.raises(CommandRefused) as refused:
                p.read(text)
            assert "Liu" not in str(refused.value)

        assert len(texts) > 150

    @pytest.mark.parametrize(
        "text", ["", "[]", "{", "[" * 99_999, "NaN", '{"a": 1, "a": 2}', "x" * (p.MOST + 1), '{"format": 1}']
    )
    def test_what_is_no_parcel_is_refused(self, text):
        """Whatever else a package holds is refused."""
        with pytest.raises(CommandRefused):
            p.read(text)

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ('"format":1', '"format":2'),
            ('"format":1', '"format":true'),
            ("2026-09-14T08:00:00+00:00", "2026-09-14T08:00:00"),
            ("2026-09-14T08:00:00+00:00", "noon"),
            ('"verified_on":"2026-09-14"', '"verified_on":"today"'),
        ],
    )
    def test_values_that_cannot_be(self, old, new):
        """A later format, an instant without a zone, a day that is none are refused."""
        with pytest.raises(CommandRefused):
            p.read(p.written(WHOLE).replace(old, new))

    def test_lists_without_end(self):
        """A list that is longer than any record's is refused."""
        with pytest.raises(CommandRefused, match="owed of the package"):
            p.read(p.written(WHOLE).replace('"owed":[', '"owed":[' + '"",' * p.MOST_ITEMS))

    def test_what_is_too_large_is_not_written(self):
        """A record that could not be read again is not packed."""
        with pytest.raises(CommandRefused, match="too large"):
            p.written(p.Parcel(*[getattr(WHOLE, name) if name != "owed" else ("x" * 90_000,) * 30 for name in NAMES]))


NAMES = [
    "format", "child", "away", "definition", "household", "boarder", "key_child", "contacts", "concerns",
    "emergencies", "referrals", "owed", "history", "restricted", "left_out",
]  # fmt: skip
