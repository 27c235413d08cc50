"""The county of `tests/county.py` as tests of Slack know it: six of its people, and West alone, with a channel."""

from datetime import UTC, datetime

from bot.practice.workspace.workspace import Workspace
from tests.county import Setting

CHANNEL = "C1"
OTHER_CHANNEL = "C2"
STRANGER = "U9"  # in the workspace, enrolled by nobody
FOREIGN = "U8"  # of another workspace, in the shared channel

SETTING = Setting(
    known_as={
        "chair": ("U1", "alex"),
        "nurse": ("U2", "sam"),
        "coordinator": ("U3", "kim"),
        "midwife": ("U4", "jo"),
        "observer": ("U5", "lee"),
        "countychair": ("U6", "max"),  # on no panel, as there is no Shire panel
    },
    west_channel=CHANNEL,
    west_sits=(datetime(2026, 12, 10, 14, 0, tzinfo=UTC),),
    shire_sits=(),
)


def populate(workspace: Workspace) -> None:
    """Add the same people to the Slack workspace, a stranger, and a visitor from another workspace."""
    workspace.add_team("T0OTHER", "Elsewhere", "elsewhere")
    for user_id, name in SETTING.known_as.values():
        workspace.add_user(name, id=user_id)
    workspace.add_user("nobody", id=STRANGER)
    workspace.add_user("visitor", id=FOREIGN, team_id="T0OTHER")
    everybody = [*(user_id for user_id, _ in SETTING.known_as.values()), STRANGER]
    workspace.add_channel("west-met", [*everybody, FOREIGN], id=CHANNEL, private=True)
    workspace.add_channel("elsewhere", everybody, id=OTHER_CHANNEL)
