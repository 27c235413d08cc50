"""How typed text reaches the app."""

import pytest

from bot.practice.workspace import person
from bot.practice.workspace.workspace import Workspace


@pytest.fixture
def workspace(manifest: dict) -> Workspace:  # type: ignore[type-arg]
    built = Workspace(manifest)
    built.add_user("alex", id="U1")
    built.add_user("alexandra", id="U2")
    built.add_channel("district", ["U1"], id="C1")
    return built


@pytest.mark.parametrize(
    ("typed", "in_command", "in_raw_command", "in_message"),
    [
        ("a < b & c > d", "a &lt; b &amp; c &gt; d", "a &lt; b &amp; c &gt; d", "a &lt; b &amp; c &gt; d"),
        ("@alex ring", "<@U1|alex> ring", "@alex ring", "<@U1> ring"),
        ("@alexandra", "<@U2|alexandra>", "@alexandra", "<@U2>"),
        ("<@U1> ring", "<@U1|alex> ring", "@alex ring", "<@U1> ring"),
        ("in #district", "in <#C1|district>", "in #district", "in <#C1|district>"),
        ("@nobody #nowhere", "@nobody #nowhere", "@nobody #nowhere", "@nobody #nowhere"),
        ("<@U9>", "&lt;@U9&gt;", "&lt;@U9&gt;", "&lt;@U9&gt;"),
        ("mail alex@alex.example", "mail alex@alex.example", "mail alex@alex.example", "mail alex@alex.example"),
        ("Anna & @alex <3", "Anna &amp; <@U1|alex> &lt;3", "Anna &amp; @alex &lt;3", "Anna &amp; <@U1> &lt;3"),
    ],
)
def test_text_is_written_as_slack_writes_it(
    workspace: Workspace, typed: str, in_command: str, in_raw_command: str, in_message: str
) -> None:
    state = workspace.state
    assert (
        person.in_command(state, typed, should_escape=True),
        person.in_command(state, typed, should_escape=False),
        person.in_message(state, typed),
    ) == (in_command, in_raw_command, in_message)
