"""Slack as the proofs have it."""

from collections.abc import Iterator

import pytest

from bot.practice.workspace.workspace import Workspace
from tests.proof import desk


@pytest.fixture(scope="session")
def workspace() -> Iterator[Workspace]:
    """Slack, which knows the accounts of the county."""
    with desk.at_slack() as playing:
        yield playing
