"""The page for security officers names tests that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "SECURITY.md").read_text()


@pytest.mark.parametrize("named", sorted(set(re.findall(r"`([a-z_/]+\.py::\w+)`", PAGE))))
def test_a_test_that_is_named_is_there(named: str) -> None:
    file, name = named.split("::")
    assert re.search(rf"^ *def {name}\(", (ROOT / "tests" / file).read_text(), re.MULTILINE)


def test_files_that_are_linked_are_there() -> None:
    linked = re.findall(r"\]\(([^)]+)\)", PAGE)
    assert [path for path in linked if not (ROOT / path).exists()] == []
