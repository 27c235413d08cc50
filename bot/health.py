"""What `panelbot check` looks at, each in plain sentences."""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from slack_sdk.errors import SlackApiError, SlackClientError
from sqlalchemy.exc import SQLAlchemyError

from bot.documents.panel_files import load_panel_definitions
from bot.documents.template_check import check_template
from bot.domain.panel_definition import PanelDefinition
from bot.errors import Misconfigured
from bot.settings import Connection, Settings
from bot.slack.manifest import SCOPES
from bot.slack.sender import web_client
from bot.store.engine import create_store_engine
from bot.store.key_ring import load_master_key
from bot.store.schema import current_revision, is_current


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence, and whether it is a fault."""

    sentence: str
    is_fault: bool = False


def look(settings: Settings) -> Iterator[Finding]:
    """Everything that must be right before anybody relies on it, each as it is found."""
    yield from _connection(settings)
    yield from _database(settings)
    definitions: dict[str, PanelDefinition] = {}
    try:
        definitions = load_panel_definitions(settings.panelbot_agendas_dir)
        kinds = ", ".join(sorted(definition.title for definition in definitions.values()))
        yield Finding(f"{len(definitions)} panel definitions are sound: {kinds}.")
    except Misconfigured as wrong:
        yield from (Finding(fault, is_fault=True) for fault in wrong.faults)
    yield from _templates(settings, definitions)


def _connection(settings: Settings) -> Iterator[Finding]:
    try:
        connection = settings.connection
    except Misconfigured as wrong:
        yield Finding(str(wrong), is_fault=True)
        return
    if connection is Connection.PRACTICE or settings.slack_bot_token is None:
        yield Finding("No Slack tokens are set: panelbot run starts practice mode.")
        return
    client = web_client(settings.slack_bot_token.get_secret_value(), settings.api_url, ssl.create_default_context())
    try:
        answer = client.auth_test()
    except SlackApiError as refused:
        yield Finding(f"Slack refuses SLACK_BOT_TOKEN: {refused.response['error']}.", is_fault=True)
        return
    except (SlackClientError, OSError) as away:
        yield Finding(f"Slack cannot be reached at {settings.api_url}: {type(away).__name__}.", is_fault=True)
        return
    yield Finding(f"Slack knows the bot as {answer.get('user')} in {answer.get('team')}, over {connection.value}.")
    headers = {name.lower(): value for name, value in answer.headers.items()}
    given = {scope.strip() for scope in str(headers.get("x-oauth-scopes", "")).split(",")} - {""}
    if not given:
        yield Finding("Slack did not say which scopes the token has.")
        return
    for scope, purpose in sorted(SCOPES.items()):
        if scope not in given:
            yield Finding(f"The token lacks the scope {scope}, needed to {purpose}.", is_fault=True)
    surplus = sorted(given - set(SCOPES))
    if surplus:
        yield Finding(f"The token has scopes that panelbot does not need: {', '.join(surplus)}.")


def _database(settings: Settings) -> Iterator[Finding]:
    try:
        given = settings.panelbot_master_key
        load_master_key(given.get_secret_value() if given else None, settings.master_key_file)
        engine = create_store_engine(settings.database_url)
    except Misconfigured as wrong:
        yield from (Finding(fault, is_fault=True) for fault in wrong.faults)
        return
    kind = "PostgreSQL" if engine.dialect.name == "postgresql" else "SQLite"
    try:
        revision = current_revision(engine)
        if revision is None:
            yield Finding(f"The {kind} database is empty; the first panelbot run or apply sets it up.")
        elif is_current(engine):
            yield Finding(f"The {kind} database has the schema of this version ({revision}).")
        else:
            yield Finding(
                f"The {kind} database has the schema {revision}, not this version's; panelbot run migrates it.",
                is_fault=True,
            )
    except SQLAlchemyError as away:
        yield Finding(f"The {kind} database does not answer: {type(away).__name__}.", is_fault=True)
    finally:
        engine.dispose()


def _templates(settings: Settings, definitions: dict[str, PanelDefinition]) -> Iterator[Finding]:
    wanted = {definition.agenda_template: "agenda" for definition in definitions.values()}
    wanted |= {definition.minutes_template: "minutes" for definition in definitions.values()}
    sound = 0
    for name, kind in sorted(wanted.items()):
        own = settings.panelbot_templates_dir / name if settings.panelbot_templates_dir else None
        with as_file(files("minutes_templates").joinpath(name)) as shipped:
            path: Path = own if own is not None and own.exists() else shipped
            faults = check_template(path, "agenda" if kind == "agenda" else "minutes")
        yield from (Finding(fault, is_fault=True) for fault in faults)
        sound += not faults
    if sound:
        yield Finding(f"{sound} Word {'template is' if sound == 1 else 'templates are'} sound.")
