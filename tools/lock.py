"""Write constraints/*.txt again from pyproject.toml: every release pinned, every file of it by its hash, no address.

`dev.txt` is resolved first and holds everything; `test.txt` and `demo.txt` take their versions from it. `oldest.txt` is
`test.txt` with the oldest releases that pyproject.toml promises to work with. Releases already pinned stay unless
`--upgrade` is given.
"""

import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path("constraints")
SETS = {
    "dev": ["--all-extras", "--group=build", "--group=test", "--group=lint", "--group=docs"],
    "test": ["--all-extras", "--group=backend", "--group=test"],
    "demo": ["--extra=cli", "--group=backend"],
}


def compile_set(uv: str, name: str, *arguments: str) -> None:
    """Resolve one set for every platform and every Python that the project supports."""
    target = FOLDER / f"{name}.txt"
    command = [uv, "pip", "compile", "--quiet", "--universal", "--python-version=3.11", "--generate-hashes"]
    command += ["--no-header", "--no-emit-index-url", "--no-emit-find-links", f"--output-file={target}", *arguments]
    subprocess.run(command, check=True)  # noqa: S603 - the arguments are the ones above
    pins = [line for line in target.read_text(encoding="utf-8").splitlines() if line[:1].isalnum()]
    print(f"{target}: {len(pins)} pins")


def main(upgrade: list[str]) -> None:
    """Write all sets."""
    uv = shutil.which("uv", path=Path(sys.executable).parent) or "uv"
    oldest = [*SETS["test"], "--resolution=lowest-direct", "--upgrade"]
    for name, chosen in SETS.items():
        bounds = [] if name == "dev" else ["--constraints", str(FOLDER / "dev.txt")]
        compile_set(uv, name, "pyproject.toml", *chosen, *bounds, *(upgrade if name == "dev" else ["--upgrade"]))
    compile_set(uv, "oldest", "pyproject.toml", *oldest)
    compile_set(uv, "lock", "--group=lock", *upgrade)


if __name__ == "__main__":
    main(sys.argv[1:])
