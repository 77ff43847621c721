"""The same school with FastAPI and an AsyncSession: casework runs within `session.run_sync`, in its transaction.

Run it with `python examples/embed_fastapi.py`: in a folder of its own, gone afterwards, it makes some requests and
prints what came of them. It needs fastapi, httpx and aiosqlite. `FastApiHost` is what a test says to have all this
proved: `casework.testing.host_contract(FastApiHost(url, keyring))`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, TypeVar

from fastapi import FastAPI, Header, HTTPException, Request
from fastapi.responses import JSONResponse
from httpx import ASGITransport, AsyncClient
from pydantic import BaseModel
from sqlalchemy import create_engine, make_url, select
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from casework import Calendar, Casework, Clock, Desk, ManualClock, Principal, School, Term, load_policy, system_clock
from casework.errors import CaseworkError, NotFound
from casework.store import KeyRing, SqlStore, migrate

AUTUMN = Term("2026-autumn", date(2026, 9, 1), date(2027, 1, 22), holidays=[(date(2026, 10, 1), date(2026, 10, 7))])

Who = Annotated[str, Header(alias="X-User")]
"""A real host asks its login."""
T = TypeVar("T")


class Base(DeclarativeBase):
    """The host's tables."""


class Student(Base):
    """The host's own row of a pupil; casework knows the id, the name stays here."""

    __tablename__ = "student"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]


class NewStudent(BaseModel):
    """What the form says about a pupil."""

    name: str
    away: str
    lead: str
    locker: str = "free"


class Visit(BaseModel):
    """What the form says about a visit; ``id`` is the form's own."""

    id: str
    reached: bool
    note: str | None = None


Work = Callable[[Session, Desk], T]
"""What a request does, with the session and the desk."""


def make_app(engine: AsyncEngine, keyring: KeyRing, clock: Clock = system_clock) -> FastAPI:
    """The application. `Casework` is made once; a desk is made for each request, in the request's transaction."""
    app = FastAPI()
    sessions = async_sessionmaker(engine)
    calendar = Calendar([AUTUMN], tz="Asia/Shanghai")
    casework = Casework(School("qinghe", policy=load_policy("town-primary"), calendar=calendar), clock=clock)

    async def transaction(who: str, work: Work[T]) -> T:
        """The host's transaction: casework is not asynchronous, so it runs where the session is not either."""

        def within(session: Session) -> T:
            teacher = Principal(who, roles=["class_teacher"])
            return work(session, Desk(casework, SqlStore(session, keyring), school="qinghe", principal=teacher))

        async with sessions.begin() as session:
            return await session.run_sync(within)

    app.state.transaction = transaction  # for FastApiHost

    @app.post("/students/{child}", status_code=201)
    async def add_student(child: str, form: NewStudent, who: Who) -> dict[str, str]:
        def work(session: Session, desk: Desk) -> str:
            session.add(Student(id=child, name=form.name))
            desk.identify(child, away=form.away)
            case = desk.pair(child, lead=form.lead).case
            if form.locker == "taken":  # the host's own reason to fail, after casework has written
                raise HTTPException(409)
            return case.state

        return {"state": await transaction(who, work)}

    @app.post("/students/{child}/visits", status_code=201)
    async def add_visit(child: str, form: Visit, who: Who) -> dict[str, Any]:
        done = await transaction(
            who, lambda _, desk: desk.record(child, "visit", reached=form.reached, note=form.note, key=form.id)
        )
        return {"state": done.case.state, "repeated": done.repeated, "may add": list(done.missing)}

    @app.get("/today")
    async def today(who: Who) -> list[dict[str, str]]:
        def work(session: Session, desk: Desk) -> list[dict[str, str]]:
            names = {student.id: student.name for student in session.scalars(select(Student))}
            return [
                {"who": names.get(line.child, line.child), "duty": line.duty, "by": f"{line.deadline}"}
                for line in desk.today()
            ]

        return await transaction(who, work)

    @app.exception_handler(CaseworkError)
    async def refused(_: Request, error: CaseworkError) -> JSONResponse:
        return JSONResponse({"refused": str(error)}, 404 if isinstance(error, NotFound) else 422)

    return app


class FastApiHost:
    """How this application runs a request, and what it writes there; ``url`` is an asynchronous one."""

    table, column = "student", "id"

    def __init__(self, url: str, keyring: KeyRing) -> None:
        self.async_url = url
        self.url = asynchronous_to_plain(url)
        self.keyring = keyring

    def transaction(self, work: Callable[[Session], object]) -> None:
        """One request, with the application's own transaction."""

        async def request(app: FastAPI) -> None:
            await app.state.transaction("t.li", lambda session, _: work(session))

        asyncio.run(served(self.async_url, self.keyring, system_clock, request))

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


def asynchronous_to_plain(url: str) -> str:
    """The same database for a program that is not asynchronous: `migrate`, the sweep, and whoever looks on."""
    made = make_url(url)
    return made.set(drivername=made.drivername.replace("aiosqlite", "pysqlite")).render_as_string(hide_password=False)


def set_up(url: str) -> None:
    """The host's tables and casework's, once, when you deploy."""
    engine = create_engine(asynchronous_to_plain(url))
    Base.metadata.create_all(engine)
    migrate(engine)
    engine.dispose()


async def served(url: str, keyring: KeyRing, clock: Clock, requests: Callable[[FastAPI], Awaitable[None]]) -> None:
    """Let the application live as long as some requests."""
    engine = create_async_engine(url)
    try:
        await requests(make_app(engine, keyring, clock))
    finally:
        await engine.dispose()


async def show(app: FastAPI, clock: ManualClock) -> None:
    """Some requests, and what came of them."""
    as_li = {"X-User": "t.li"}
    async with AsyncClient(transport=ASGITransport(app), base_url="http://school", headers=as_li) as client:

        async def post(path: str, **form: object) -> None:
            answer = await client.post(path, json=form)
            print(f"POST {path}: {answer.status_code} {answer.json()}")

        async def rows(child: str) -> None:
            def look(session: Session, desk: Desk) -> tuple[int, int]:
                own = session.get(Student, child) is not None
                return int(own), sum(line.child == child for line in desk.today())

            own, lines = await app.state.transaction("t.li", look)
            print(f"  {child}: {own} of the host, {lines} duties of casework")

        print("A pupil, in one transaction with her case:")
        await post("/students/s-17", name="Xiaoyu", away="both", lead="t.li")
        await rows("s-17")

        print("A request that fails after casework has written leaves neither:")
        await post("/students/s-18", name="Ming", away="one", lead="t.li", locker="taken")
        await rows("s-18")

        print("So does one that casework refuses:")
        await post("/students/s-19", name="Lan", away="all", lead="t.li")
        await rows("s-19")

        print("A form that the browser sends twice counts once:")
        clock.advance(days=2)
        for _ in range(2):
            await post("/students/s-17/visits", id="form-1", reached=True, note="The roof leaks over her bed.")

        print("What Li owes, with names from the host's table:")
        for line in (await client.get("/today")).json():
            print(f"  {line['who']}: {line['duty']} by {line['by']}")


def main() -> None:
    """Make a database and a key ring, and make requests."""
    clock = ManualClock(datetime(2026, 9, 1, 1, tzinfo=UTC))
    with TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder, 'host.db')}"
        set_up(url)
        keyring = KeyRing.create(Path(folder, "keys.json"))
        asyncio.run(served(url, keyring, clock, lambda app: show(app, clock)))


if __name__ == "__main__":
    main()
