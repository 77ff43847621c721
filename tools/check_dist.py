"""Look inside the wheel and the sdist: what the library reads at run time must be in both, and nothing strange."""

import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

SRC = Path("src")


def in_package() -> set[str]:
    """Return the files of the package, as a wheel names them."""
    files = (path for path in (SRC / "casework").rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(SRC).as_posix() for path in files}


def taken_in() -> set[str]:
    """Return the files from elsewhere that a wheel takes in, as it names them."""
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
    found = set()
    for source, target in project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"].items():
        path = Path(source)
        files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
        found |= {f"{target}{file.as_posix().removeprefix(path.as_posix())}" for file in files}
    return found


def main(folder: Path) -> int:
    """Compare both archives with the sources; return the exit code."""
    (wheel,) = folder.glob("casework-*.whl")
    (sdist,) = folder.glob("casework-*.tar.gz")
    in_wheel = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    with tarfile.open(sdist) as archive:
        in_sdist = {name.partition("/src/")[2] for name in archive.getnames()}
    expected = in_package() | taken_in()
    wrong = [f"{wheel.name}: {name} is missing" for name in sorted(expected - in_wheel)]
    wrong += [f"{wheel.name}: {name} does not belong here" for name in sorted(in_wheel - expected)]
    wrong += [f"{sdist.name}: src/{name} is missing" for name in sorted(in_package() - in_sdist)]
    print(*wrong, sep="\n", end="\n" if wrong else "")
    print(f"{wheel.name}: {len(in_wheel)} files of the package")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
