"""Say in one line how many tests passed and failed, from pytest's JUnit report; none at all is a failure."""

import sys
from pathlib import Path
from xml.etree import ElementTree as ET


def main(report: Path) -> int:
    """Print the counts; return 1 when something failed, was skipped, or nothing ran."""
    if not report.exists():
        print("0 passed, 1 failed")
        return 1
    suites = ET.parse(report).getroot().iter("testsuite")  # noqa: S314 - pytest has just written it here
    total = bad = skipped = 0
    for suite in suites:
        total += int(suite.get("tests", "0"))
        bad += int(suite.get("failures", "0")) + int(suite.get("errors", "0"))
        skipped += int(suite.get("skipped", "0"))
    print(f"{total - bad - skipped} passed, {bad} failed, {skipped} skipped")
    return 1 if bad or skipped or not total else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
