"""Hypothesis strategies for gatherings, programmes and their events: `casework.testing.strategies` draws them too."""

from functools import cache

from hypothesis import strategies as st

from casework.model import glass_events as gv
from casework.model import school_events as sv
from casework.model.gathering import ATTENDANCE, Gathering
from casework.model.glass import Glass, GlassNotice
from casework.model.people import ROLES, Sealed
from casework.model.programme import PROGRAMME_STATES, Programme
from casework.testing.strategy_base import S, codes, days, ids, instants, sealed


@cache
def attendance() -> S[dict[str, str]]:
    """Attendance by child."""
    return st.dictionaries(ids(), st.sampled_from(ATTENDANCE), min_size=1, max_size=4)


@cache
def gatherings() -> S[Gathering]:
    """Gatherings with at least one child on the list."""
    return st.builds(
        Gathering,
        id=ids(),
        kind=codes(),
        on=days(),
        by=ids(),
        entered_at=instants(),
        entered_by=ids(),
        classes=st.lists(ids(), max_size=2),
        attendance=attendance(),
        note=_note(),
        because=st.just("") | codes(),
        voided=st.just("") | codes(),
    )


@cache
def programmes() -> S[Programme]:
    """Programmes of a term."""
    return st.builds(
        Programme,
        term=ids(),
        state=st.sampled_from(PROGRAMME_STATES),
        since=days(),
        by=st.just("") | ids(),
        note=_note(),
    )


@cache
def glasses() -> S[Glass]:
    """Broken glass."""
    notice = st.builds(
        GlassNotice, step=st.integers(0, 9), role=st.sampled_from(ROLES), person=ids(), at=instants(), why=codes()
    )
    return st.builds(
        Glass,
        id=ids(),
        person=ids(),
        because=codes(),
        at=instants(),
        until=instants(),
        notices=st.lists(notice, max_size=2).map(tuple),
        reviewed_by=st.just("") | ids(),
        reviewed_at=st.none() | instants(),
        verdict=st.just("") | codes(),
    )


@cache
def glass_events() -> S[gv.GlassEvent]:
    """Every class of event of broken glass."""
    told = {"step": st.integers(0, 9), "role": st.sampled_from(ROLES), "at": instants()}
    return st.one_of(
        st.builds(gv.GlassBroken, id=ids(), person=ids(), because=codes(), at=instants(), until=instants()),
        st.builds(gv.GlassTold, id=ids(), person=st.just("") | ids(), why=st.just("") | codes(), **told),
        st.builds(gv.GlassReviewed, id=ids(), by=ids(), at=instants(), verdict=codes()),
    )


def _note() -> S[Sealed | None]:
    return st.none() | sealed()


@cache
def school_events() -> S[sv.SchoolEvent]:
    """Every class of event of a school's programme."""
    return st.one_of(
        st.builds(sv.GatheringHeld, gathering=gatherings()),
        st.builds(
            sv.GatheringChanged,
            because=codes(),
            on=st.none() | days(),
            kind=st.none() | codes(),
            by=st.none() | ids(),
        ),
        st.builds(sv.AttendanceChanged, attendance=attendance(), because=codes()),
        st.builds(sv.GatheringVoided, because=codes()),
        st.builds(sv.RollJoined, on=days(), class_=st.just("") | ids()),
        st.builds(sv.RollLeft, until=days()),
        st.builds(
            sv.ProgrammeMoved,
            term=ids(),
            to=st.sampled_from(PROGRAMME_STATES),
            on=days(),
            by=st.just("") | ids(),
            because=st.just("") | codes(),
            note=_note(),
        ),
    )
