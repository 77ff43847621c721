from casework import Reason, Refer, rule


@rule(states=["paired", "monitored"], looks="on_change")
def quarrels_at_home(case, now):
    """Two quarrels noted within a month: the psychologist looks in."""
    quarrels = case.concerns("family_quarrel", since=now.days_ago(30))
    if len(quarrels) >= 2:
        yield Refer("psychology", about=quarrels, because=Reason("family_quarrels", count=len(quarrels)))


def test_quarrels_reach_the_psychologist(casework_case, autumn_day):  # no engine, no database, no clock
    """Two quarrels in a month refer the child."""
    case = casework_case(state="monitored", concerns=["family_quarrel"] * 2)

    assert ["psychology"] == [d.to for d in quarrels_at_home(case, autumn_day)]


def test_one_quarrel_refers_nobody(casework_case, autumn_day):
    """One quarrel in a month is no reason to refer the child."""
    case = casework_case(state="monitored", concerns=["family_quarrel"])

    assert [] == list(quarrels_at_home(case, autumn_day))
