"""The settings of an installation. This is the only module that reads environment variables."""

import os
from enum import Enum
from pathlib import Path
from typing import Annotated

import platformdirs
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import Misconfigured


class Connection(Enum):
    """How this process is connected to Slack."""

    SOCKET = "Socket Mode"  # an outgoing socket: no inbound port
    HTTP = "HTTP"  # Slack calls in, signed
    PRACTICE = "practice mode"  # a local workspace, no account anywhere


class Settings(BaseSettings):
    """What an administrator can set. Each setting is an environment variable with the same name in capitals."""

    model_config = SettingsConfigDict(env_file=None, env_ignore_empty=True, extra="ignore", frozen=True)

    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_api_url: str = "https://slack.com/api/"
    panelbot_host: str = "127.0.0.1"  #: for HTTP; a proxy with TLS stands in front
    panelbot_port: Annotated[int, Field(ge=1, le=65535)] | None = None
    panelbot_public_url: Annotated[str, Field(pattern=r"^https?://[^\s/?#@]+(/[^\s?#]*)?$")] | None = None
    panelbot_database_url: str | None = None
    panelbot_data_dir: Path | None = None
    panelbot_master_key: SecretStr | None = None
    panelbot_master_key_command: SecretStr | None = None  #: may name a token of the vault that it asks
    panelbot_agendas_dir: Path | None = None
    panelbot_templates_dir: Path | None = None

    @property
    def connection(self) -> Connection:
        """Return how this process is connected to Slack. Raise Misconfigured if a variable for it is missing."""
        has_bot, has_app, has_secret = (
            bool(value and value.get_secret_value())
            for value in (self.slack_bot_token, self.slack_app_token, self.slack_signing_secret)
        )
        if not (has_bot or has_app or has_secret):
            return Connection.PRACTICE
        if not has_bot:
            raise Misconfigured("SLACK_BOT_TOKEN is missing. Copy it from *OAuth & Permissions*; it begins with xoxb-.")
        if has_app:
            return Connection.SOCKET
        if has_secret:
            return Connection.HTTP
        raise Misconfigured(
            "SLACK_APP_TOKEN or SLACK_SIGNING_SECRET is missing. For Socket Mode set the first (it begins with xapp-), "
            "for HTTP the second. Both are under *Basic Information*."
        )

    @property
    def data_dir(self) -> Path:
        """Return the folder for this installation's own files."""
        return self.panelbot_data_dir or Path(platformdirs.user_data_dir("panelbot", appauthor=False))

    @property
    def database_url(self) -> str:
        """Return the database's address for SQLAlchemy: a file in the data folder unless another is set."""
        return self.panelbot_database_url or f"sqlite:///{self.data_dir / 'panelbot.db'}"

    @property
    def master_key_file(self) -> Path:
        """Return the file of the master key, which is used unless the environment gives the key."""
        return self.data_dir / "master.key"

    @property
    def checkpoint_file(self) -> Path:
        """Return the file in which the audit's checkpoints are kept outside the database."""
        return self.data_dir / "audit-checkpoints.jsonl"

    @property
    def feed_url(self) -> str | None:
        """Return the public address for calendar feeds, or None if none is set or the bot is not reached over HTTP."""
        listens = bool(self.slack_signing_secret and self.slack_signing_secret.get_secret_value())
        if not listens or (self.slack_app_token and self.slack_app_token.get_secret_value()):
            return None
        return self.panelbot_public_url.rstrip("/") if self.panelbot_public_url else None

    @property
    def api_url(self) -> str:
        """Return the address of Slack's Web API, ending with the slash that its client needs."""
        return self.slack_api_url.rstrip("/") + "/"


def read_settings() -> Settings:
    """Return the settings of this process. An empty variable counts as unset.

    Raise Misconfigured with the name of each faulty variable.
    """
    given = {name: os.environ[name.upper()] for name in Settings.model_fields if os.environ.get(name.upper())}
    try:
        return Settings.model_validate(given)
    except ValidationError as wrong:
        faults = {str(fault["loc"][0]): str(fault["msg"]) for fault in wrong.errors()}
        faults |= {"panelbot_port": "it must be a whole number from 1 to 65535"} if "panelbot_port" in faults else {}
        if "panelbot_public_url" in faults:
            faults["panelbot_public_url"] = "it must be a web address such as https://bot.example.org"
        raise Misconfigured(*(f"{name.upper()}: {said}." for name, said in faults.items())) from None
