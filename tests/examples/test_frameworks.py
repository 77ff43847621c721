"""Each framework's example is started as its page says, and its rows and casework's live and die together."""

import runpy

import pytest
from sqlalchemy import create_engine, text

from casework.store import KeyRing, migrate
from casework.testing import HostContractBroken, host_contract
from examples import embed_fastapi, embed_flask
from tests.examples.conftest import EXAMPLES

pytestmark = pytest.mark.unmeasured  # what it runs is measured in tests/store

DJANGO = EXAMPLES / "embed_django"
PHP = EXAMPLES / "beside_php"


@pytest.fixture(params=["sqlite", "postgres"])
def url(request, tmp_path):
    """A database without any tables."""
    return (
        f"sqlite:///{tmp_path / 'host.db'}" if request.param == "sqlite" else request.getfixturevalue("bare_postgres")
    )


@pytest.fixture
def flask(url):
    """The Flask application, with its tables and casework's."""
    engine = create_engine(url)
    embed_flask.Base.metadata.create_all(engine)
    migrate(engine)
    keyring = KeyRing.generate()
    yield embed_flask.FlaskHost(embed_flask.make_app(engine, keyring), engine, keyring)
    engine.dispose()


@pytest.fixture
def fastapi(url):
    """The FastAPI application, with its tables and casework's."""
    asynchronous = url.replace("sqlite:", "sqlite+aiosqlite:")
    embed_fastapi.set_up(asynchronous)
    return embed_fastapi.FastApiHost(asynchronous, KeyRing.generate())


def committing(host):
    """The host, made to commit as its request's own code has run, whatever came of it."""
    run = host.transaction

    def transaction(work):
        def early(session):
            try:
                work(session)
            finally:
                session.execute(text("COMMIT"))

        run(early)

    host.transaction = transaction
    return host


@pytest.mark.parametrize("framework", ["flask", "fastapi"])
class TestAtomic:
    def test_the_example_keeps_every_promise(self, framework, url, request):
        """Its requests keep the contract of hosts."""
        host_contract(request.getfixturevalue(framework))

    @pytest.mark.parametrize("url", ["sqlite"], indirect=True)
    def test_made_to_commit_it_is_found(self, framework, url, request):
        """Were the example to commit early, the contract would say so."""
        with pytest.raises(
            HostContractBroken, match=r"(?s)neither_row_outlives.*\+1 in student, \+1 in casework_cases"
        ):
            host_contract(committing(request.getfixturevalue(framework)))


class TestDjango:
    def test_django_says_what_its_golden_file_says(self, python):
        """After `migrate`, which makes Django's tables and casework's, the story is the golden one."""
        python("-W", "error", DJANGO / "manage.py", "migrate", "--verbosity", "0")
        printed = python("-W", "error", DJANGO / "manage.py", "story")

        assert (DJANGO / "story.out").read_text(encoding="utf-8") == printed
        assert "" == python.said

    def test_django_gets_all_that_the_url_says(self):
        """Port and options too."""
        database = runpy.run_path(str(DJANGO / "settings.py"))["database"]
        found = database("postgresql://u:p@h.example:6543/db?sslmode=require")
        local = database("postgresql+psycopg://u@/db?host=/run/pg&port=5433")

        assert ("h.example", 6543, {"sslmode": "require"}) == (found["HOST"], found["PORT"], found["OPTIONS"])
        assert ("/run/pg", "5433", {}) == (local["HOST"], local["PORT"], local["OPTIONS"])

    def test_django_keeps_every_promise_and_is_found_when_it_commits(self, url, python):
        """Its own tests prove both, with Django's models and casework's in one `transaction.atomic()`."""
        python("-W", "error", DJANGO / "manage.py", "test", "pupils", SCHOOL_DATABASE=url)

        assert "Ran 4 tests" in python.said


class TestBesidePhp:
    def test_beside_php_says_what_its_golden_file_says(self, python, bare_postgres, tmp_path):
        """Another program on PostgreSQL reads the views with its driver and gives commands by the command line."""
        printed = python("-W", "error", PHP / "beside.py", bare_postgres)

        assert (PHP / "beside.out").read_text(encoding="utf-8") == printed
        assert [] == list(tmp_path.iterdir())

    def test_the_page_of_php_asks_what_is_tested(self):
        """Every query that the PHP page runs is one of those that the program runs."""
        page = (PHP / "pupil.php").read_text(encoding="utf-8")
        program = (PHP / "beside.py").read_text(encoding="utf-8")
        queries = {path.name for path in PHP.glob("*.sql")}

        assert {"owed.sql"} == {name for name in queries if name in page}
        assert queries == {name for name in queries if name in program}
