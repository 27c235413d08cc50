"""Two people whom the bot must refuse: somebody nobody enrolled, and a guest from another workspace."""

from bot.practice.workspace import Workspace

LOBBY = "C0LOBBY"
UNENROLLED = "U0ROBIN"
GUEST = "U0SASHA"
_ABROAD = "T0ABROAD"


def invite(workspace: Workspace) -> None:
    """Give them accounts, and everybody a common room to meet in, shared with the other workspace."""
    if UNENROLLED in workspace.state.users:
        return
    workspace.add_team(_ABROAD, "Farshire", "farshire")
    workspace.add_user("robin", id=UNENROLLED, real_name="Robin Ashdown")
    workspace.add_user("sasha", id=GUEST, real_name="Sasha Morrow", team_id=_ABROAD, is_guest=True)
    everybody = [user.id for user in workspace.state.users.values() if not user.is_bot]
    workspace.add_channel("common-room", everybody, id=LOBBY, shared_with=(_ABROAD,))
