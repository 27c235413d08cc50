"""Practice mode: a local workspace, the sample county and the real bot, in one process without other services."""

import tempfile
from collections.abc import Collection, Mapping
from importlib.resources import files
from pathlib import Path

from pydantic import SecretStr

from bot.bootstrap import Bot, build_bot, build_store, passing
from bot.clock import MovedClock
from bot.documents.county_file import CountyFile, read_county_file
from bot.domain.panel_definition import PanelDefinition
from bot.errors import Misconfigured
from bot.practice.page import directory
from bot.practice.page.guard import mount
from bot.practice.stopwatch import HeldStopwatch
from bot.practice.workspace.web_api import RateLimits
from bot.practice.workspace.workspace import Workspace
from bot.services.county.application import apply_county
from bot.settings import Settings
from bot.slack.listener import LONG_PATIENCE
from bot.slack.manifest import manifest
from bot.slack.tables import build_registry
from bot.store.engine import make_own_folder
from bot.store.outbox import CHANNEL_GAP_SECONDS
from bot.store.unit_of_work import Store

FILE = "sample_county.toml"


def read_sample_county(definitions: Mapping[str, PanelDefinition]) -> CountyFile:
    """Return the sample county, in which practice mode and the demo play. The county is invented."""
    return read_county_file(files("bot.practice").joinpath(FILE).read_text(), name=FILE, definitions=definitions)


def only(county: CountyFile, panels: Collection[str]) -> CountyFile:
    """Return the county with only these panels, and with the cases flagged to these panels."""
    return county.model_copy(
        update={
            "panels": tuple(panel for panel in county.panels if panel.key in panels),
            "cases": tuple(case for case in county.cases if case.panel in panels),
        }
    )


def settle(workspace: Workspace, county: CountyFile) -> None:
    """Add an account for each person in the county, and a private channel with its members for each panel."""
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


class PracticeMode:
    """A running local workspace with the sample county and the bot. Every start begins with the same data."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: MovedClock | None = None,
        port: int | None = None,
        panels: Collection[str] | None = None,
        patient: bool = False,
    ) -> None:
        """Build the county with all its panels, or only with those in `panels`.

        A `patient` workspace has no time limits and no rate limits: it is for demos and tests of what people see.
        Otherwise Slack's limits apply: three seconds for an answer, and one message a second to each channel.
        """
        self.clock = clock or MovedClock()
        self._folder = tempfile.TemporaryDirectory(prefix="panelbot-practice-")
        self._settings = settings
        self._patience = LONG_PATIENCE if patient else None
        self._channel_gap = 0.0 if patient else CHANNEL_GAP_SECONDS
        self._port = port or 0
        self._ticking = True
        self._counties = 0
        self.store = self._build_store()
        county = read_sample_county(self.store.definitions)
        self.county: CountyFile = county if panels is None else only(county, panels)
        with self.store.work() as work:
            apply_county(work, self.county)
        registry = build_registry()
        self.workspace = Workspace(
            manifest(registry),
            team_id=self.county.county.team,
            team_name=self.county.county.title,
            team_domain=self.county.county.key,
            port=self._port,
            clock=lambda: self.clock.now().timestamp(),
            stopwatch=HeldStopwatch() if patient else None,
            rate_limits=RateLimits.off() if patient else None,
        )
        settle(self.workspace, self.county)
        directory.invite(self.workspace)
        self.bot: Bot | None = None
        self._controls = mount(self, registry)

    def _build_store(self) -> Store:
        """Return a store with a new database, so that nothing done before a restart is left."""
        folder = Path(self._folder.name) / str(self._counties)
        make_own_folder(folder)
        store = build_store(passing(self._settings, folder), clock=self.clock)
        store.channel_gap = self._channel_gap
        return store

    @property
    def address(self) -> str:
        """Return the address at which the workspace listens."""
        return self.workspace.address

    def start(self, *, ticking: bool = True) -> None:
        """Start the workspace and let the bot connect to it. Raise Misconfigured if the port is in use."""
        try:
            self.workspace.start()
        except OSError:
            other = self._port + 1 if self._port < 60_000 else 3000
            raise Misconfigured(
                f"Port {self._port} is in use. To use another one, type: PANELBOT_PORT={other} make run"
            ) from None
        self._ticking = ticking
        self._start_bot()

    def restart_bot(self) -> None:
        """Stop the bot and start a new one on the same database. Everything that was committed is still there."""
        self._stop_bot()
        self._start_bot()

    def begin_afresh(self, *, with_cases: bool = True) -> None:
        """Start again today with a new county, with or without the sample cases. Everything done so far is lost."""
        self._stop_bot()
        self.store.close()
        self.clock = MovedClock()
        self._counties += 1
        self.store = self._build_store()
        with self.store.work() as work:
            apply_county(work, self.county if with_cases else self.county.model_copy(update={"cases": ()}))
        self.workspace.forget()
        self._start_bot()

    def _start_bot(self) -> None:
        self.bot = build_bot(
            self._settings.model_copy(
                update={
                    "slack_bot_token": SecretStr(self.workspace.bot_token),
                    "slack_app_token": SecretStr(self.workspace.app_token),
                    "slack_api_url": self.workspace.api_url,
                }
            ),
            self.store,
            patience=self._patience,
        )
        self.bot.start(ticking=self._ticking)
        self.workspace.waits_for_app()

    def _stop_bot(self) -> None:
        if self.bot is not None:
            self.bot.stop()
            self.bot = None

    def stop(self) -> None:
        """Stop the bot, close the workspace and delete the county's data."""
        self._controls.travel.stop()
        self._stop_bot()
        self.workspace.stop()
        self.store.close()
        self._folder.cleanup()

    def __enter__(self) -> "PracticeMode":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
