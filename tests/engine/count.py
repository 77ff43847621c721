"""How many obligations a pack, a calendar and what happened ask for, counted day by day from the words of the duties.

Nothing of casework is imported here: the pack is read from its TOML, and windows are laid by these few functions.
"""

import tomllib
from bisect import bisect_left, bisect_right
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

DAY = timedelta(days=1)
PACKS = Path(__file__).parents[2] / "src" / "casework" / "policy" / "packs"
JOIN = 5
ATTEMPTS = 2
CONTACTS = {"visit", "call", "letter", "talk", "carer_talk", "parent_talk"}


def pack(name, *subjects):
    """The duties of a pack that ships: about children, who are pupils too, unless others are named."""
    return duties_of((PACKS / f"{name}.toml").read_text(encoding="utf-8"), *subjects)


def duties_of(text, *subjects):
    """The duties of a pack's text about these."""
    return [duty for duty in tomllib.loads(text)["duty"] if duty["subject"] in (subjects or ("child", "pupil"))]


class Year:
    """The terms of a year, given as (id, first, last, holidays, make-up days, own windows)."""

    def __init__(self, terms):
        self.terms = terms
        self.days = sorted(day for term in terms for day in teaching_days(*term[1:5]))
        self.known = {each: self._windows(each) for each in ("OPEN", "MID", "CLOSE", "TERM", "MONTH")}

    def count(self, first, last):
        """Teaching days from first to last, both inside."""
        return len(self.days[bisect_left(self.days, first) : bisect_right(self.days, last)])

    def after(self, day, count):
        """The count-th teaching day after a day, None if nobody knows."""
        later = self.days[bisect_right(self.days, day) :]
        return later[count - 1] if len(later) >= count else None

    def term_of(self, day):
        """The term of a day."""
        return next((term for term in self.terms if term[1] <= day <= term[2]), None)

    def windows(self, each, due=""):
        """Every window of that kind: name, first day, due day, end of term."""
        if not due:
            return self.known[each]
        return [(name, first, self._due(name, due), end) for name, first, _, end in self.known[each]]

    def _due(self, name, text):
        """A day of a term by its words."""
        _, first, last, holidays, makeup, own = next(t for t in self.terms if name.startswith(f"{t[0]}:"))
        days = teaching_days(first, last, holidays, makeup)
        which = text.split()[-1]
        if text.startswith("start of"):
            return max(own[which][0] if which in own else part(days, which)[0], first)
        mondays = sorted({d - DAY * (d.isoweekday() - 1) for d in days})
        return min(mondays[: int(which)][-1] + DAY * 6, last)

    def _windows(self, each):
        """Name, first and last day of every window of that kind, and the last day of its term."""
        found = []
        for id_, first, last, holidays, makeup, own in self.terms:
            days = teaching_days(first, last, holidays, makeup)
            if each == "TERM":
                found.append((f"{id_}:TERM", first, last, last))
            elif each == "MONTH":
                for year, month in sorted({(d.year, d.month) for d in days}):
                    if sum((d.year, d.month) == (year, month) for d in days) >= 10:
                        begin = date(year, month, 1)
                        end = (begin + DAY * 31).replace(day=1) - DAY
                        found.append((f"{year}-{month:02}", max(begin, first), min(end, last), last))
            elif each in own:
                found.append((f"{id_}:{each}", *own[each], last))
            else:
                begin, end = part(days, each)
                found.append((f"{id_}:{each}", max(begin, first), min(end, last), last))
        return found


def teaching_days(first, last, holidays, makeup):
    """Weekdays that are no holiday, and make-up days."""
    days = [first + DAY * k for k in range((last - first).days + 1)]
    free = {d for start, end in holidays for d in days if start <= d <= end}
    return [d for d in days if d in makeup or (d.isoweekday() <= 5 and d not in free)]


def part(days, each):
    """OPEN, MID or CLOSE: the first three teaching weeks, the middle third, the last three."""
    mondays = sorted({d - DAY * (d.isoweekday() - 1) for d in days})
    n = len(mondays)
    chosen = {
        "OPEN": mondays[:3],
        "MID": [m for k, m in enumerate(mondays) if n // 3 <= k < n - n // 3 and 3 <= k < n - 3],
        "CLOSE": mondays[-3:],
    }[each]
    return chosen[0], chosen[-1] + DAY * 6


class Child:
    """What is asked for one child, day by day: `happens` what people enter at noon, `look` at midnight and at noon."""

    def __init__(self, duties, year):
        self.duties, self.year = duties, year
        self.asked = set()
        self.open_since = None
        self.since = {"key_child": None, "boarder": None}
        self.until = {"key_child": None, "boarder": None}
        self.free_since = {"key_child": date.min, "boarder": date.min}
        self.done = {"filed": [], "card": [], "pairing": []}
        self.paired = False
        self.vain = 0
        self.rows = []
        self.numbers = Counter()

    # ------------------------------------------------------------------------------------------- what happens

    def happens(self, day, what, *details):
        """One thing that is entered on that day."""
        getattr(self, what)(day, *details)

    def identify(self, day, boarder):
        """The case begins."""
        self._open(day)
        if boarder:
            self.board(day)

    def reopen(self, day):
        """The case begins again."""
        self._open(day)

    def _open(self, day):
        self.open_since = day
        for duty in self.duties:
            for window in duty["windows"]:
                if window.get("after") == "identified" and not any(d < day for d in self._facts(duty, lasting=True)):
                    self.rows.append(Row(duty, window, day, standing=True))
        term = self.year.term_of(day)
        for duty in self.duties:
            opens = [
                w
                for each in ("OPEN", "MID", "CLOSE", "TERM")
                if any(x.get("each") == each for x in duty["windows"])
                for w in self.year.windows(each)
                if term and w[0] == f"{term[0]}:{each}"
            ]
            if term and not any(day <= first or self.year.count(day, last) >= JOIN for _, first, last, _ in opens):
                self._trigger(day, "joined", [duty])

    def close(self, day):
        """The case ends, and with it pairing, designation and whatever waits."""
        self.open_since, self.paired, self.rows = None, False, []
        if self.since["key_child"]:
            self.unkey(day)

    def file(self, day):
        """A file is opened, with a card."""
        self.done["filed"].append(day)
        self.done["card"].append(day)

    def card(self, day, carer_is_new):
        """The card is written anew."""
        self.done["card"].append(day)
        if carer_is_new:
            self._trigger(day, "carer_changed")

    def number_dead(self, day):
        """A number no longer works."""
        self._trigger(day, "number_dead")

    def pair(self, day):
        """Somebody helps the child from now on."""
        self.done["pairing"].append(day)
        self.paired = True

    def unpair(self, day):
        """Nobody does any more."""
        self.paired = False
        self._trigger(day, "pairing_ended")

    def key(self, day):
        """Designated a key child."""
        self.since["key_child"], self.until["key_child"] = day, None

    def unkey(self, day):
        """No longer a key child from tomorrow on."""
        self.until["key_child"], self.free_since["key_child"] = day, day + DAY

    def board(self, day):
        """Boards from today on."""
        self.since["boarder"], self.until["boarder"] = day, None

    def unboard(self, day):
        """Lives at home from today on."""
        self.until["boarder"], self.free_since["boarder"] = day - DAY, day

    def away(self, day):
        """A parent left or returned."""
        self._trigger(day, "away_changed")

    def concern(self, day, severity):
        """Somebody worries."""
        if severity != "low":
            self._trigger(day, "concern")

    def act(self, day, kind, reached):
        """Something was done, or tried."""
        if kind == "absence":
            self._trigger(day, "absence")
        elif kind in CONTACTS:
            self.vain = 0 if reached else self.vain + 1
            if self.vain == ATTEMPTS:
                self.vain = 0
                self._trigger(day, "unreachable")

    def _trigger(self, day, kind, duties=None):
        if self.open_since is None:
            return
        for duty in self.duties if duties is None else duties:
            for window in duty["windows"]:
                if kind in window.get("on", ()) and self._holds(window, day):
                    standing = any("after" in other for other in duty["windows"])
                    self.rows.append(Row(duty, window, day, standing=standing))

    # ---------------------------------------------------------------------------------------------- the counting

    def look(self, day):
        """Ask for what is to be asked for on that day."""
        if self.open_since is None:
            return
        for duty in self.duties:
            for window in duty["windows"]:
                if "each" in window:
                    self._each(duty, window, day)
                elif "every" in window:
                    self._every(duty, window, day)
        self.rows = [row for row in self.rows if self._row(row, day)]

    def _holds(self, window, day):
        only, unless = window.get("only"), window.get("unless")
        return (not only or self._is(only, day)) and (not unless or not self._is(unless, day))

    def _is(self, condition, day):
        since, until = self.since[condition], self.until[condition]
        return since is not None and since <= day and (until is None or day <= until)

    def _begins(self, window):
        starts = [self.open_since]
        if "only" in window:
            starts.append(self.since[window["only"]])
        if "unless" in window:
            starts.append(self.free_since[window["unless"]])
        return max(starts)

    def _each(self, duty, window, day):
        for name, first, last, end in self.year.windows(window["each"], window.get("due", "")):
            closes = end if window.get("closes") == "term end" else last
            if first <= day <= closes and self._holds(window, day):
                start = self._begins(window)
                if start <= first or self.year.count(start, last) >= JOIN:
                    self.asked.add((duty["id"], name))

    def _every(self, duty, window, day):
        term = self.year.term_of(day)
        if term is None or not self._holds(window, day):
            return
        days = int(window["every"].split()[0])
        base = max(self._begins(window), term[1])
        first = base + DAY * days * ((day - base).days // days)
        if self.year.count(first, min(first + DAY * (days - 1), term[2])) >= JOIN:
            self.asked.add((duty["id"], first.isoformat()))

    def _row(self, row, day):
        """Ask for what stands or was triggered, and for its successor when it was missed; false when it is done."""
        while True:
            if not row.named:
                self.numbers[row.duty["id"]] += 1
                self.asked.add((row.duty["id"], f"{row.start}#{self.numbers[row.duty['id']]}"))
                row.named = True
            closes = self._closes(row)
            if closes is not None and any(row.start <= d <= closes for d in self._facts(row.duty)):
                return False
            if closes is None or day <= closes:
                return True
            if not row.standing:
                return False
            row.start, row.named = closes + DAY, False

    def _facts(self, duty, *, lasting=False):
        kinds = [kind for kind in duty["discharged_by"] if kind in self.done]
        return [] if lasting and "pairing" in kinds else [d for kind in kinds for d in self.done[kind]]

    def _closes(self, row):
        closes = self._length(row.start, row.window.get("closes", row.window["within"]))
        sooner = row.window.get("sooner")
        filed = [d for d in self.done["filed"] if d >= row.start]
        if sooner and filed and "closes" not in row.window:
            early = self._length(filed[0], sooner["within"])
            if early is not None and (closes is None or early < closes):
                return early
        return closes

    def _length(self, day, text):
        count, unit = text.split()
        return self.year.after(day, int(count)) if unit == "td" else day + DAY * int(count)


class Row:
    """A window that is asked for until what it asks is there."""

    def __init__(self, duty, window, start, *, standing):
        self.duty, self.window, self.start, self.standing = duty, window, start, standing
        self.named = False


def required_of_place(duties, year, here, last):
    """By duty, how many obligations are asked for of a class, or the school, up to the evening of ``last``.

    ``here`` are the days on which it is there.
    """
    asked = set()
    since = None
    for day in sorted(here):
        since = day if day - DAY not in here else since
        for duty in duties if day <= last else ():
            for window in duty["windows"]:
                for name, first, due, end in (
                    year.windows(window["each"], window.get("due", "")) if "each" in window else ()
                ):
                    closes = end if window.get("closes") == "term end" else due
                    if first <= day <= closes and (since <= first or year.count(since, due) >= JOIN):
                        asked.add((duty["id"], name))
    return Counter(duty for duty, _ in asked)


def required(duties, year, story, last):
    """By duty, how many obligations the story of one child asks for up to the evening of ``last``.

    The story is a list of (day, what, details …), at most one for each day.
    """
    child = Child(duties, year)
    by_day = {day: (what, details) for day, what, *details in story}
    day = min(by_day)
    while day <= last:
        child.look(day)
        if day in by_day:
            what, details = by_day[day]
            child.happens(day, what, *details)
            child.look(day)
        day += DAY
    return Counter(duty for duty, _ in child.asked)
