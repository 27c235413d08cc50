"""The sample county: read from its file, and settled into a local workspace."""

from collections.abc import Collection, Mapping
from importlib.resources import files

from bot.documents.county_file import CountyFile, read_county_file
from bot.domain.panel_definition import PanelDefinition
from bot.practice.workspace import Workspace

FILE = "sample_county.toml"


def read_sample_county(definitions: Mapping[str, PanelDefinition]) -> CountyFile:
    """The county that practice mode and the demo play in; it does not exist."""
    return read_county_file(files("bot.practice").joinpath(FILE).read_text(), name=FILE, definitions=definitions)


def only(county: CountyFile, panels: Collection[str]) -> CountyFile:
    """The same county with some of its panels, and the cases flagged to these."""
    return county.model_copy(
        update={
            "panels": tuple(panel for panel in county.panels if panel.key in panels),
            "cases": tuple(case for case in county.cases if case.panel in panels),
        }
    )


def settle(workspace: Workspace, county: CountyFile) -> None:
    """Give everybody in the file an account, and every panel its private channel with its members in it."""
    accounts = {}
    for person in county.people:
        if person.team not in workspace.state.teams:
            workspace.add_team(person.team, person.team.title(), person.team.lower())
        workspace.add_user(
            person.key,
            id=person.user,
            real_name=person.name,
            tz=person.timezone,
            team_id=person.team,
            is_admin=person.administrator,
        )
        accounts[person.key] = person.user
    for panel in county.panels:
        if panel.channel is not None:
            members = list(dict.fromkeys(accounts[member.person] for member in panel.members))
            workspace.add_channel(panel.key, members, id=panel.channel, private=True)
