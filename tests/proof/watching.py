"""A plugin for pytest: notes which tests pass by which access check, or runs them with one taken away.

`ACCESS_CHECKS_TO` names a folder for what was noted. `ACCESS_CHECK_LIFTED` names the check, or the row of the role
table, that is taken away.
"""

import json
import os
from collections import defaultdict
from pathlib import Path

from tests.proof.access_checks import is_lifted, lift_what_they_ask, watch

_LIFTED = os.environ.get("ACCESS_CHECK_LIFTED", "")
_TO = os.environ.get("ACCESS_CHECKS_TO")
_passed_by: dict[str, set[str]] = defaultdict(set)


def _on_check(site: str) -> bool:
    if is_lifted.get():
        return False
    test = os.environ.get("PYTEST_CURRENT_TEST", "").rsplit(" ", 1)[0]
    if _TO and test:
        _passed_by[site].add(test)
    return site == _LIFTED


watch(_on_check)
lift_what_they_ask()
if _LIFTED.startswith("Verb."):
    from bot.domain.permissions import Verb
    from bot.models.vocabulary import Role

    Verb[_LIFTED.removeprefix("Verb.")].roles = frozenset(Role)


def pytest_sessionfinish() -> None:
    """Write down what was noted, a file for each process."""
    if _TO:
        facts = {site: sorted(tests) for site, tests in _passed_by.items()}
        (Path(_TO) / f"{os.getpid()}.json").write_text(json.dumps(facts))
