"""A small web application with casework inside: the host's row and casework's rows commit together, or not at all.

Run it with `python examples/embed_flask.py`: in a folder of its own, gone afterwards, it lets a test client make some
requests and prints what came of them. It needs flask. `FlaskHost` is what a test says to have all this proved:
`casework.testing.host_contract(FlaskHost(app, engine, keyring))`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask, abort, request
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from casework import Calendar, Casework, Clock, Desk, ManualClock, Principal, School, Term, load_policy, system_clock
from casework.errors import CaseworkError, NotFound
from casework.store import KeyRing, SqlStore, migrate, open_engine

AUTUMN = Term("2026-autumn", date(2026, 9, 1), date(2027, 1, 22), holidays=[(date(2026, 10, 1), date(2026, 10, 7))])


class Base(DeclarativeBase):
    """The host's tables."""


class Student(Base):
    """The host's own row of a pupil; casework knows the id, the name stays here."""

    __tablename__ = "student"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]


def make_app(engine: Engine, keyring: KeyRing, clock: Clock = system_clock) -> Flask:
    """The application. `Casework` is made once; a desk is made for each request, in the request's transaction."""
    app = Flask(__name__)
    sessions = sessionmaker(engine)
    calendar = Calendar([AUTUMN], tz="Asia/Shanghai")
    casework = Casework(School("qinghe", policy=load_policy("town-primary"), calendar=calendar), clock=clock)

    @contextmanager
    def transaction() -> Iterator[tuple[Session, Desk]]:
        """The host's transaction, and a desk in it; it commits at the end, or rolls both back."""
        who = request.headers.get("X-User") or abort(401)  # a real host asks its login
        with sessions.begin() as session:
            teacher = Principal(who, roles=["class_teacher"])
            yield session, Desk(casework, SqlStore(session, keyring), school="qinghe", principal=teacher)

    app.extensions["transaction"] = transaction  # for FlaskHost

    @app.post("/students/<child>")
    def add_student(child: str) -> tuple[dict[str, Any], int]:
        form = request.get_json()
        with transaction() as (session, desk):
            session.add(Student(id=child, name=form["name"]))
            desk.identify(child, away=form["away"])
            case = desk.pair(child, lead=form["lead"]).case
            if form.get("locker") == "taken":  # the host's own reason to fail, after casework has written
                abort(409)
        return {"state": case.state}, 201

    @app.post("/students/<child>/visits")
    def add_visit(child: str) -> tuple[dict[str, Any], int]:
        form = request.get_json()
        with transaction() as (_, desk):
            done = desk.record(child, "visit", reached=form["reached"], note=form.get("note"), key=form["id"])
        return {"state": done.case.state, "repeated": done.repeated, "may add": list(done.missing)}, 201

    @app.get("/today")
    def today() -> list[dict[str, str]]:
        with transaction() as (session, desk):
            names = {student.id: student.name for student in session.scalars(select(Student))}
            lines = desk.today()
        return [
            {"who": names.get(line.child, line.child), "duty": line.duty, "by": f"{line.deadline}"} for line in lines
        ]

    @app.errorhandler(CaseworkError)
    def refused(error: CaseworkError) -> tuple[dict[str, str], int]:
        return {"refused": str(error)}, 404 if isinstance(error, NotFound) else 422

    return app


class FlaskHost:
    """How this application runs a request, and what it writes there."""

    table, column = "student", "id"

    def __init__(self, app: Flask, engine: Engine, keyring: KeyRing) -> None:
        self.app = app
        self.keyring = keyring
        self.url = engine.url.render_as_string(hide_password=False)

    def transaction(self, work: Callable[[Session], object]) -> None:
        """One request, with the application's own transaction."""
        with (
            self.app.test_request_context(headers={"X-User": "t.li"}),
            self.app.extensions["transaction"]() as (session, _),
        ):
            work(session)

    def savepoint(self, request: Session, work: Callable[[], object]) -> None:
        """A savepoint of the session's."""
        with request.begin_nested():
            work()

    def store(self, request: Session) -> SqlStore:
        """The store, as the application makes it."""
        return SqlStore(request, self.keyring)

    def insert(self, request: Session, name: str) -> None:
        """A pupil."""
        request.add(Student(id=name, name=name))

    def select(self, request: Session) -> object:
        """Any pupil."""
        return request.scalars(select(Student)).first()


def rows(engine: Engine, keyring: KeyRing, child: str) -> str:
    """What a connection of its own finds of a child."""
    with Session(engine) as session:
        own = session.scalar(select(func.count()).select_from(Student).where(Student.id == child))
    store = SqlStore(engine, keyring)
    with store.read():
        return f"{own} of the host, {len(store.load('qinghe', [child]))} of casework"


def main() -> None:
    """Make a database and a key ring, and let a test client make requests."""
    with TemporaryDirectory() as folder:
        engine = open_engine(Path(folder, "host.db"))
        Base.metadata.create_all(engine)
        migrate(engine)
        show(engine, KeyRing.create(Path(folder, "keys.json")))
        engine.dispose()


def show(engine: Engine, keyring: KeyRing) -> None:
    """Some requests, and what came of them."""
    clock = ManualClock(datetime(2026, 9, 1, 1, tzinfo=UTC))
    client = make_app(engine, keyring, clock).test_client()
    as_li = {"X-User": "t.li"}

    def post(path: str, **form: object) -> None:
        answer = client.post(path, json=form, headers=as_li)
        print(f"POST {path}: {answer.status_code} {answer.get_json(silent=True) or ''}".rstrip())

    print("A pupil, in one transaction with her case:")
    post("/students/s-17", name="Xiaoyu", away="both", lead="t.li")
    print(f"  s-17: {rows(engine, keyring, 's-17')}")

    print("A request that fails after casework has written leaves neither:")
    post("/students/s-18", name="Ming", away="one", lead="t.li", locker="taken")
    print(f"  s-18: {rows(engine, keyring, 's-18')}")

    print("So does one that casework refuses:")
    post("/students/s-19", name="Lan", away="all", lead="t.li")
    print(f"  s-19: {rows(engine, keyring, 's-19')}")

    print("A form that the browser sends twice counts once:")
    clock.advance(days=2)
    post("/students/s-17/visits", id="form-1", reached=True, note="The roof leaks over her bed.")
    post("/students/s-17/visits", id="form-1", reached=True, note="The roof leaks over her bed.")

    print("What Li owes, with names from the host's table:")
    for line in client.get("/today", headers=as_li).get_json():
        print(f"  {line['who']}: {line['duty']} by {line['by']}")


if __name__ == "__main__":
    main()
