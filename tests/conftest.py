"""Hypothesis profiles, PostgreSQL for those who ask for it, what is not measured, and in CI a skipped test has failed.

All other fixtures for tests of casework are its own, or stand beside the tests that need them.
"""

import os
import sys
from functools import cache
from importlib import import_module
from pkgutil import walk_packages
from warnings import catch_warnings

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine

from casework.store.migrations import migrate
from tests.servers import clear, database, server

# A shared machine is slow now and then, which says nothing about the code: no deadline anywhere.
settings.register_profile("dev", deadline=None, max_examples=20)
settings.register_profile("ci", parent=settings.get_profile("dev"), derandomize=True, print_blob=True)
settings.register_profile(
    "soak", parent=settings.get_profile("dev"), max_examples=1_000, suppress_health_check=[HealthCheck.too_slow]
)
IN_CI = os.environ.get("CI", "").lower() not in {"", "0", "false"}
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if IN_CI else "dev"))


def _forbid_skip(report):
    """Turn a skip (or an expected failure) into a failure that says so; what CI does not run, it does not promise."""
    if IN_CI and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"in CI nothing is skipped: {report.longrepr}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    """In CI a skipped test has failed."""
    report = yield
    _forbid_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report():
    """In CI a module that skips itself has failed."""
    report = yield
    _forbid_skip(report)
    return report


@pytest.fixture(scope="session")
def postgres_url():
    """The URL of a server of this worker's own, started when the first test asks for it."""
    with server() as url:
        yield url


@pytest.fixture(scope="session")
def _migrated(postgres_url):
    with database(postgres_url, "casework") as url:
        engine = create_engine(url, hide_parameters=True)
        migrate(engine)
        yield engine
        engine.dispose()


@pytest.fixture
def postgres(_migrated):
    """A PostgreSQL database with casework's tables, and nothing in them."""
    yield _migrated
    clear(_migrated)


@pytest.fixture
def bare_postgres(postgres_url):
    """The URL of a PostgreSQL database without any tables."""
    with database(postgres_url, "bare") as url:
        yield url


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """A test that is marked so runs without being measured, in this process and in those that it starts."""
    coverage = sys.modules.get("coverage")
    measuring = coverage and coverage.Coverage.current()
    if not measuring or item.get_closest_marker("unmeasured") is None:
        return (yield)
    _import_everything()
    started = os.environ.pop(_STARTS, None)
    measuring.stop()
    try:
        return (yield)
    finally:
        with catch_warnings(action="ignore"):  # that modules were imported before, as they were
            measuring.start()
        if started is not None:
            os.environ[_STARTS] = started


_STARTS = "COVERAGE_PROCESS_CONFIG"
"""What makes coverage start in a process: in the workers of a run, and not in what their tests start."""

if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.pop(_STARTS, None)


@cache
def _import_everything():
    """Load every module while it is measured, since its classes and functions are lines of it as well."""
    package = import_module("casework")
    for module in walk_packages(package.__path__, "casework."):
        if ".versions." not in module.name and not module.name.endswith(("__main__", ".env")):
            import_module(module.name)
