"""``demo``: from two rosters to the school's account, by the commands that everybody has, in a fresh folder."""

import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from shutil import rmtree, which

from attrs import frozen
from rich.console import Console, RenderableType

from casework import installed_rules
from casework.cli.account import Account, account_of, first_rung_silent, timeline
from casework.cli.answer import Answer
from casework.cli.app import answered
from casework.cli.exits import Absent, WrongUsage
from casework.cli.opening import opened
from casework.cli.options import SHOWN, At, Everybody
from casework.cli.printing import show, terminal
from casework.cli.render import copyable, duties_table, heading, line, local, pairs, table
from casework.cli.simulation import progress_bar
from casework.cli.summary import data
from casework.model.emergency import Emergency
from casework.simulate import Disclosure, Run, Script, SilentRung, simulate

FOLDER = Path("demo")
MARK = ".made-by-casework-demo"
SEED = 7
FIRST_DAY, SECOND_DAY, AFTER = "2026-09-01T09:00", date(2026, 9, 2), "2027-01-21T08:00"
SPRING = "2027-02-25T09:00"
PRINCIPAL, ADMINISTRATOR = "t.shen", "14001"
TOLD_AT, TOLD_BY, HEARD_BY = "2026-10-20 21:40", "p-023", "t.tan"
SILENT_FROM = "2026-10-20 21:00"
PUBLISHED, SYNTHETIC = "ms-sds-v1-100-users", "synthetic-school"

GO_ON = (
    "cd demo/school",
    f"export CASEWORK_NOW={SPRING}",
    "casework sweep",
    "casework today --as t.li",
    f"casework show {TOLD_BY} --as t.li",
    f"casework explain {TOLD_BY} --as t.li",
    f"casework record {TOLD_BY} visit --reached --met carer --on 2027-02-24 --as t.li",
    f"casework raise {TOLD_BY} missing --as t.li",
    f"casework ack {TOLD_BY} --as t.fang",
    "casework doctor",
    "casework --help",
)
"""What may be tried afterwards, each line as it is typed."""

Commands = Callable[[Sequence[str]], Answer]


def roster_folder(name: str) -> Path:
    """Where a sample roster lies: within this package when it is installed, among the examples in a clone."""
    here = Path(__file__)
    for root in (here.parent / "data", here.parents[3] / "examples" / "rosters"):
        if (root / name).is_dir():
            return root / name
    raise Absent(f"the sample roster {name} is not installed; install casework again, or run the demo in a clone")


@frozen
class Stage:
    """Where the demo plays: how a command is carried out, and where it is shown."""

    commands: Commands
    console: Console

    def say(self, *parts: RenderableType) -> None:
        """Show something."""
        show(self.console, parts)

    def act(self, title: str) -> None:
        """Begin a part."""
        self.say("", heading(title))

    def run(self, *argv: str) -> Answer:
        """Show a command, carry it out, show what it answers."""
        self.say("", copyable(f"$ casework {shlex.join(argv)}"))
        answer = self.commands(argv)
        self.say(*answer.shown)
        return answer


def demo(*, opts: Everybody = SHOWN) -> Answer:
    """Show a school's term from roster to report, in a fresh folder demo/: under two minutes, the same every time."""
    return play(answered, terminal(errors=opts.json))


def play(commands: Commands, console: Console) -> Answer:
    """The whole demo; what an earlier run left is taken away first."""
    stage = Stage(commands, console)
    _clear()
    _published(stage)
    _synthetic(stage)
    run = _term(stage)
    facts = _account(stage)
    stage.act("Where everything lies")
    places = _places()
    stage.say(pairs(places.items()))
    stage.act("Go on with it: the spring term has begun, and everything below is stored in demo/school")
    stage.say(*map(copyable, (*_program(), *GO_ON)))
    return Answer(
        {"folder": str(FOLDER), "seed": SEED, "trace_hash": run.trace_hash, "summary": facts, "files": places}
    )


def _program() -> tuple[str, ...]:
    """How `casework` is called here, where the shell does not find it by itself."""
    return () if which("casework") else (f"alias casework={shlex.quote(f'{sys.executable} -m casework.cli')}",)


def _clear() -> None:
    if FOLDER.exists():
        if not (FOLDER / MARK).is_file():
            raise WrongUsage("there is a folder demo here that casework did not make; run the demo in another folder")
        rmtree(FOLDER)
    try:
        FOLDER.mkdir()
        (FOLDER / MARK).write_text("casework demo makes this folder, and takes it away when it runs again\n")
    except OSError as error:
        raise Absent(f"demo/ cannot be made here ({error.strerror}); run the demo in a folder of yours") from None


def _published(stage: Stage) -> None:
    stage.act("1. A published roster that nobody here wrote: Microsoft's School Data Sync sample of 100 users")
    folder = str(FOLDER / "published")
    day = ("--dir", folder, "--now", "2017-09-04T09:00+08:00")
    stage.run("init", "--school", "contoso", "--term", "2017-18:2017-09-01:2018-06-30", *day)
    stage.run("import", str(roster_folder(PUBLISHED)), "--as", ADMINISTRATOR, *day)
    stage.run("identify", "--from-roll", "--as", ADMINISTRATOR, *day)


def _synthetic(stage: Stage) -> None:
    stage.act("2. A synthetic school of 180 pupils (OneRoster 1.2): every child in it is made up")
    day = ("--dir", str(FOLDER / "school"), "--now", FIRST_DAY)
    roster = str(roster_folder(SYNTHETIC))
    stage.run("init", "--school", "qinghe", "--policy", "town-primary", "--tz", "Asia/Shanghai", *day)
    stage.run("import", roster, "--as", PRINCIPAL, *day)
    stage.run("identify", "--from-roll", "--as", PRINCIPAL, *day)
    stage.run("file", "--from-roster", roster, "--as", PRINCIPAL, *day)
    stage.run("pair", "--balance", "--as", PRINCIPAL, *day)


def _term(stage: Stage) -> Run:
    stage.act("3. A term: simulated children, families and staff; the real engine, policy and database")
    world = (
        Script()
        .at(SILENT_FROM, SilentRung("lead", days=2))
        .at(TOLD_AT, Disclosure(TOLD_BY, kind="injury", to=HEARD_BY))
    )
    stage.say(
        line(f"scripted beside chance: {TOLD_AT} {TOLD_BY} is found hurt; the lead helper does not answer that night")
    )
    with opened(At(dir=str(FOLDER / "school"), now=FIRST_DAY)) as office:
        with office.store.read():
            pupils = sorted(office.store.roll(office.school).values(), key=lambda row: row.pupil)
        members = sorted(office.staff.values(), key=lambda row: row.person)
        with progress_bar(stage.console, f"a term of {office.school}, seed {SEED}") as progress:
            run = simulate(
                office.file.policy,
                seed=SEED,
                rules=installed_rules(),
                store=office.store,
                calendar=office.calendar,
                start=SECOND_DAY,
                script=world,
                pupils=pupils,
                members=members,
                school=office.school,
                progress=progress,
            )
            trace = run.trace_hash
    stage.say(line(f"counts add up: {'yes' if run.conserved else 'NO'}"))
    stage.say(line(f"trace {trace}: the same seed gives the same, on every machine"))
    return run


def _account(stage: Stage) -> Mapping[str, object]:
    stage.act("4. The school's account")
    school = ("--dir", str(FOLDER / "school"), "--now", AFTER)
    stage.run("sweep", *school)
    stage.run("summary", "--term", "2026-autumn", "--out", str(FOLDER / "summary.md"), "--as", PRINCIPAL, *school)
    with opened(At(dir=str(FOLDER / "school"), now=AFTER)) as office:
        term = office.calendar.terms[0]
        found = account_of(office, office.desk(PRINCIPAL), term)
        zone = office.calendar.zone
    titles = {duty.id: duty.title for duty in found.policy.duties}
    stage.say("", heading("children by state"), table(["state", "children"], found.states.items()))
    stage.say(heading("duties"), duties_table(found.duties, titles))
    chosen = _silent(found)
    if chosen is not None:
        rows = [(local(step.at, zone), step.what, step.who) for step in timeline(chosen)]
        stage.say(heading(f"an emergency whose first rung stayed silent: {chosen.kind} ({chosen.id})"))
        stage.say(table(["when", "what", "who"], rows))
    stage.run("verify", *school)
    return data(found)


def _silent(found: Account) -> Emergency | None:
    """An emergency that was reviewed in the end, although whoever was told first never answered: the longest tale."""
    tales = [e for e in found.emergencies or () if first_rung_silent(e) and e.state == "reviewed"]
    return max(tales, key=lambda e: (len(e.notices), e.id), default=None)


def _places() -> dict[str, str]:
    return {
        str(FOLDER / "summary.md"): "the work summary of the term, for the school's files",
        str(FOLDER / "school" / "casework.toml"): "the synthetic school's policy, terms and seats",
        str(FOLDER / "school" / "casework.db"): "its records (SQLite)",
        str(FOLDER / "school" / "casework.keyring"): "the key ring, without which no note can be read",
        str(FOLDER / "published"): "the published roster, imported",
    }
