"""The bytes of a delivery: a folder or a zip, within limits, before anything is understood."""

import stat
import zlib
from pathlib import Path, PurePosixPath
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from attrs import frozen

from casework.interchange._problems import Problems, shown

_CHUNK = 1 << 16
_ENCRYPTED = 0x1
_NESTED = (".zip", ".7z", ".gz", ".rar", ".tar", ".xz", ".bz2")


@frozen
class Limits:
    """How much a delivery may hold before it is refused unread.

    ``file_bytes`` and ``total_bytes`` count unpacked bytes, ``files`` the entries of a zip or folder, ``rows`` the rows
    of one file, ``cell`` the characters of one cell, ``columns`` the headings of one file.
    """

    file_bytes: int = 32 * 1024 * 1024
    total_bytes: int = 96 * 1024 * 1024
    files: int = 200
    rows: int = 200_000
    cell: int = 8_000
    columns: int = 200


def open_delivery(path: Path, limits: Limits, problems: Problems) -> dict[str, bytes]:
    """The .csv files of the folder or zip at ``path``, by name.

    Raises `RosterRefused` when it is neither, is too large, or is a zip that no honest exporter writes.
    """
    try:
        if path.is_dir():
            found = _from_folder(path, limits, problems)
        elif path.is_file():
            found = _from_zip(path, limits, problems)
        else:
            problems.add(path.name, "is neither a folder nor a zip file", "check the path")
            found = {}
    except OSError as error:
        problems.add(path.name, f"cannot be read ({error.strerror or 'damaged'})", "check the path and its permissions")
        found = {}
    problems.stop_if_any()
    return found


def _from_folder(path: Path, limits: Limits, problems: Problems) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    entries = _sheets(path)
    if not entries:  # one folder a table, as data lakes keep them
        folders = sorted(folder for folder in path.iterdir() if folder.is_dir() and not folder.name.startswith("."))
        entries = [entry for folder in folders[: limits.files] for entry in _sheets(folder)]
    if len(entries) > limits.files:
        problems.add(path.name, f"holds {len(entries)} files", "deliver the roster in a folder of its own")
        return {}
    total = 0
    for entry in entries:
        with entry.open("rb") as handle:
            content = handle.read(limits.file_bytes + 1)
        total += len(content)
        if _too_large(entry.name, len(content), total, limits, problems):
            return {}
        found[entry.relative_to(path).as_posix()] = content
    return found


def _sheets(path: Path) -> list[Path]:
    return sorted(entry for entry in path.iterdir() if entry.suffix.casefold() == ".csv" and entry.is_file())


def _too_large(name: str, size: int, total: int, limits: Limits, problems: Problems) -> bool:
    if size > limits.file_bytes:
        problems.add(name, f"holds more than {limits.file_bytes} bytes", "deliver one school at a time")
    elif total > limits.total_bytes:
        problems.add(name, f"the delivery holds more than {limits.total_bytes} bytes", "deliver one school at a time")
    else:
        return False
    return True


def _from_zip(path: Path, limits: Limits, problems: Problems) -> dict[str, bytes]:
    damaged = "pack the .csv files again into an ordinary zip without a password"
    if _too_large(path.name, path.stat().st_size, 0, limits, problems):
        return {}
    try:
        with ZipFile(path) as archive:
            infos = [info for info in archive.infolist() if not _is_clutter(info)]
            if len(archive.infolist()) > limits.files:
                problems.add(path.name, f"holds {len(archive.infolist())} entries", "zip the roster's files alone")
                return {}
            before = len(problems.found)
            for info in infos:
                _check_entry(path.name, info, problems)
            if len(problems.found) == before:
                names = _flat_names(path.name, [info.filename for info in infos], problems)
            return {} if len(problems.found) > before else _unpack(archive, infos, names, limits, problems)
    # zipfile answers damaged bytes with any of these; each means the same to whoever packed the file.
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError):
        problems.add(path.name, "is no zip that can be unpacked", damaged)
        return {}


def _is_clutter(info: ZipInfo) -> bool:
    """Folders, and what macOS and Windows add unasked."""
    parts = PurePosixPath(info.filename).parts
    hidden = any(part.startswith(".") and part != ".." for part in parts)
    return info.is_dir() or "__MACOSX" in parts or hidden or (bool(parts) and parts[-1] == "Thumbs.db")


def _check_entry(archive: str, info: ZipInfo, problems: Problems) -> None:
    name = info.filename
    parts = PurePosixPath(name).parts
    if (
        not parts
        or not name.isprintable()
        or name.startswith("/")
        or ".." in parts
        or "\\" in info.orig_filename
        or ":" in name
    ):
        problems.add(archive, f"entry {shown(name)} points outside the zip", "zip plain file names without a path")
    elif stat.S_ISLNK(info.external_attr >> 16):
        problems.add(archive, f"entry {shown(name)} is a link", "zip the file itself")
    elif name.casefold().endswith(_NESTED):
        problems.add(archive, f"entry {shown(name)} is an archive in an archive", "zip the .csv files themselves")
    elif info.flag_bits & _ENCRYPTED:
        problems.add(archive, f"entry {shown(name)} is encrypted", "zip without a password")
    elif info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        problems.add(
            archive, f"entry {shown(name)} is packed by an unusual method", "zip with the usual method, deflate"
        )


def _flat_names(archive: str, names: list[str], problems: Problems) -> list[str]:
    """Names without the one folder that zipping a folder puts around them all."""
    parents = {PurePosixPath(name).parent for name in names}
    if len(parents) > 1:
        problems.add(archive, "spreads its files over several folders", "zip all files of the roster in one folder")
    flat = [PurePosixPath(name).name for name in names]
    if len({name.casefold() for name in flat}) < len(flat):
        problems.add(archive, "holds two files of one name", "keep one of them")
    return flat


def _unpack(
    archive: ZipFile, infos: list[ZipInfo], names: list[str], limits: Limits, problems: Problems
) -> dict[str, bytes]:
    """Unpack by pieces: what a zip says of its sizes is not to be believed."""
    found: dict[str, bytes] = {}
    total = 0
    for info, name in zip(infos, names, strict=True):
        if not name.casefold().endswith(".csv"):
            continue
        pieces: list[bytes] = []
        size = 0
        with archive.open(info) as handle:
            while piece := handle.read(_CHUNK):
                pieces.append(piece)
                size += len(piece)
                if _too_large(name, size, total + size, limits, problems):
                    return {}
        total += size
        found[name] = b"".join(pieces)
    return found
