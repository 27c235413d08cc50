"""Facts that don't change during practice: the people and their roles, the commands, and the shortcuts."""

from bot.documents.county_file import CountyFile
from bot.documents.county_schema import Person
from bot.models.vocabulary import AgencyKind, Role
from bot.practice.workspace.records import Json
from bot.practice.workspace.workspace import Workspace
from bot.slack.registry import Registry

LOBBY = "C0LOBBY"
UNENROLLED = "U0ROBIN"
GUEST = "U0SASHA"
#: People that the bot refuses, with the reason.
_STRANGERS = {
    UNENROLLED: ("Robin Ashdown", "nobody enrolled them"),
    GUEST: ("Sasha Morrow", "guest of another workspace"),
}
_ABROAD = "T0ABROAD"


def invite(workspace: Workspace) -> None:
    """Add two accounts that are not enrolled, and a channel for everyone that is shared with another workspace."""
    if UNENROLLED in workspace.state.users:
        return
    workspace.add_team(_ABROAD, "Farshire", "farshire")
    workspace.add_user("robin", id=UNENROLLED, real_name=_STRANGERS[UNENROLLED][0])
    workspace.add_user("sasha", id=GUEST, real_name=_STRANGERS[GUEST][0], team_id=_ABROAD, is_guest=True)
    everyone = [user.id for user in workspace.state.users.values() if not user.is_bot]
    workspace.add_channel("common-room", everyone, id=LOBBY, shared_with=(_ABROAD,))


_ROLES = {role: role.label for role in Role} | {
    Role.VICE_CHAIR: "vice-chair",
    Role.COORDINATOR: "co-ordinator",
    Role.MINUTE_TAKER: "minute-taker",
}
#: The people of one panel, in the order in which the page offers them to newcomers.
_FIRST = ("rhys", "tomos", "morgan", "lena", "farah", "amara", "esme", "hugh", "avery")


def directory(workspace: Workspace, county: CountyFile, registry: Registry) -> Json:
    """Return the facts that a browser window needs only once, when it opens: people, commands and shortcuts."""
    state = workspace.state
    return {
        "workspace": state.team.name,
        "zone": county.county.timezone,
        "app": {"id": state.bot.id, "name": state.bot.real_name},
        "cast": cast(county),
        "rooms": {panel.channel: panel.title for panel in county.panels if panel.channel} | {LOBBY: "For all"},
        # The message box completes these as they are typed.
        "commands": [
            {
                "name": command.name,
                "summary": command.summary,
                "verbs": [
                    {"name": verb.name, "usage": verb.usage, "summary": verb.summary, "example": verb.example}
                    for verb in command.verbs
                ],
            }
            for command in registry.commands.values()
        ],
        "shortcuts": [
            {"name": one.name, "callback_id": one.callback_id, "kind": one.kind, "description": one.description}
            for one in workspace.manifest.shortcuts.values()
        ],
    }


def cast(county: CountyFile) -> list[Json]:
    """Return the people whose part a user of the page can play.

    The people of one panel come first, then two people who are not enrolled, then everyone else.
    """
    agencies = {agency.key: agency for agency in county.agencies}
    people = sorted(
        county.people, key=lambda one: (_FIRST.index(one.key) if one.key in _FIRST else len(_FIRST), one.name)
    )
    enrolled = [
        {
            "id": person.user,
            "name": person.name,
            "is": _standing(county, person, agencies[person.agency].kind),
            "agency": agencies[person.agency].name,
            "first": person.key in _FIRST,
        }
        for person in people
    ]
    strangers = [
        {"id": user, "name": name, "is": standing, "agency": "", "first": True}
        for user, (name, standing) in _STRANGERS.items()
    ]
    first = [one for one in enrolled if one["first"]]
    return [*first, *strangers, *(one for one in enrolled if not one["first"])]


def _standing(county: CountyFile, person: Person, kind: AgencyKind) -> str:
    """Return a person's roles with their panels. For a representative, say the kind of agency they speak for."""
    panels: dict[str, list[str]] = {}
    for panel in county.panels:
        for member in panel.members:
            if member.person == person.key:
                short = panel.title.removesuffix(" District Operational MET").removesuffix(" Operational MET")
                panels.setdefault(_ROLES[member.role], []).append(short)
    if not panels:
        return "administrator" if person.administrator else "on no panel"
    for role in (Role.REPRESENTATIVE, Role.DEPUTY):
        if _ROLES[role] in panels:
            panels = {f"{kind.label} {name}" if name == _ROLES[role] else name: at for name, at in panels.items()}
            break
    return "; ".join(
        f"{role}, {' · '.join(where) if len(where) < 3 else f'{len(where)} panels'}" for role, where in panels.items()
    )
