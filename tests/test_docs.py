"""Whatever a page or a docstring shows is run here; and what would keep a block from running is refused."""

import doctest
import importlib
from pathlib import Path

import pytest

from tools import doc_blocks, house

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
SHOWING = [path for path in sorted(SRC.rglob("*.py")) if ">>> " in path.read_text(encoding="utf-8")]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return the empty folder in which a page runs; it holds only the repository's examples."""
    (tmp_path / "examples").symlink_to(ROOT / "examples", target_is_directory=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def page(folder, request):
    """Return a function that runs a page of the given text and returns how many blocks ran."""

    def run(text):
        path = folder / "page.md"
        path.write_text(text, encoding="utf-8")
        return doc_blocks.run_page(path, folder, request.getfixturevalue)

    return run


@pytest.mark.unmeasured
class TestPages:
    @pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
    def test_page_shows_what_holds(self, path, folder, request):
        """Every code block of the page runs as it stands."""
        doc_blocks.run_page(path, folder, request.getfixturevalue)

    def test_docstrings_show_what_holds(self):
        """Every example in a docstring of the library gives what it says."""
        failed = {}
        for path in SHOWING:
            name = house.module_name(path, SRC)
            if failures := doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS).failed:
                failed[name] = failures

        assert {} == failed


class TestPythonBlocks:
    def test_blocks_share_their_names(self, page):
        """A page reads like one module: a later block knows the names of an earlier one."""
        assert 2 == page("```python\nx = 1\n```\n\ntext\n\n```python\nassert x == 1\n```\n")

    def test_wrong_block_fails(self, page):
        """A block that does not hold fails, also inside a list."""
        with pytest.raises(AssertionError):
            page("```python\nassert 1 == 2\n```\n")
        with pytest.raises(ZeroDivisionError):
            page("- item\n\n  ```python\n  1 / 0\n  ```\n")

    def test_shown_tests_run_with_fixtures(self, page):
        """A test that a page shows is called, with the fixtures that it names."""
        assert 1 == page("```python\ndef test_it(tmp_path):\n    assert tmp_path.is_dir()\n```\n")
        with pytest.raises(AssertionError):
            page("```python\ndef test_it(tmp_path):\n    assert not tmp_path.is_dir()\n```\n")


class TestConsoleBlocks:
    def test_commands_run_in_the_page_folder(self, page, folder):
        """Commands run one after the other in the page's folder; what they print is not compared."""
        text = "```console\n$ python -c \"open('a', 'w')\"\nnothing\n$ python -c \\\n    \"open('a')\"\n```\n"

        assert 1 == page(text)
        assert (folder / "a").exists()

    def test_wrong_exit_code_fails(self, page):
        """A command that ends otherwise than shown fails, with what it said."""
        with pytest.raises(doc_blocks.BrokenPageError, match=r"ended with 3, not 0\n.*sad"):
            page("```console\n$ python -c \"raise SystemExit(print('sad') or 3)\"\n```\n")
        with pytest.raises(doc_blocks.BrokenPageError, match="ended with 0, not 2"):
            page('```console\n$ python -c ""   # exit 2\n```\n')

    def test_shown_exit_code_holds(self, page):
        """A command may be shown with the code with which it refuses."""
        assert 1 == page('```console\n$ python -c "raise SystemExit(2)"  # exit 2\n```\n')

    @pytest.mark.parametrize(
        ("block", "said"), [("$ make demo", "not ours to run"), ("casework today", "holds no line")]
    )
    def test_block_that_runs_nothing_of_ours_is_refused(self, page, block, said):
        """A console block that would run nothing, or something else, is refused."""
        with pytest.raises(doc_blocks.BrokenPageError, match=said):
            page(f"```console\n{block}\n```\n")


class TestOtherBlocks:
    def test_toml_must_parse(self, page):
        """A pack that a page shows can be read."""
        assert 1 == page('```toml\na = "b"\n```\n')
        with pytest.raises(doc_blocks.BrokenPageError, match=r"page\.md:1: "):
            page("```toml\na = b\n```\n")

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("```\nx\n```\n", "names no language"),
            ("~~~\nx\n~~~\n", "names no language"),
            ("```py\nx\n```\n", "py is no language of these pages"),
            ("```{code-block} python\nx\n```\n", "would not be run"),
            ("one\n\n<!-- skip: next -->\n```python\nx\n```\n", "3: nothing on a page is skipped"),
            ("<!--- skip -->\n", "nothing on a page is skipped"),
        ],
    )
    def test_what_would_not_run_is_refused(self, page, text, said):
        """A block that would be left out, by a slip or on purpose, is refused."""
        with pytest.raises(doc_blocks.BrokenPageError, match=said):
            page(text)

    def test_shown_blocks_pass(self, page):
        """What is only shown passes, and so do directives."""
        assert 0 == page("```text\n1 / 0\n```\n\n```{toctree}\nx\n```\n")
