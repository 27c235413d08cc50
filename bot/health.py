"""The checks of the command `panelbot check`. Each check yields what it found, in plain sentences."""

import os
import shlex
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from slack_sdk.errors import SlackClientError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from bot.clock import SystemClock
from bot.documents.file_faults import nearest
from bot.documents.panel_files import PanelFiles, doubts_about, read_panel_files
from bot.documents.template_kinds import remark_template
from bot.documents.word_template import TEMPLATES, Kind, check_template
from bot.errors import Misconfigured
from bot.models.panels import Panel, SharedChannel
from bot.models.people import Person
from bot.records.access.queries import standing_still
from bot.services.diary.channels import list_guests
from bot.services.diary.series import unfilled
from bot.settings import Connection, Settings
from bot.slack.app import MORE_SCOPES, REFUSED_TOKENS, mend_of, why_not
from bot.slack.manifest import SCOPES
from bot.slack.sender import web_client
from bot.store.audit_check import check_audit, head_words, whole_words
from bot.store.engine import create_store_engine
from bot.store.key_ring import KeyRing
from bot.store.master_key import Claim, KeySource, find_master_key, read_claim, require_no_stray_key
from bot.store.rows import grouped
from bot.store.schema import CURRENT
from bot.store.slack_methods import EVERYTHING, UNREACHABLE, Alarm, alarms
from bot.store.unit_of_work import Store

_LET = "Let the account that runs panelbot write there, or set PANELBOT_DATA_DIR to a folder where it may."
_BROKEN_AUDIT = "Keep a copy of the database and its log, tell your data-protection officer, and compare your backups."


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence about what a check found: a fault, something doubtful, or just information."""

    sentence: str
    is_fault: bool = False
    is_doubtful: bool = False


def look(settings: Settings) -> Iterator[Finding]:
    """Check settings, Slack, database, definitions and templates. Yield each finding as soon as it is known."""
    read = read_panel_files(settings.panelbot_agendas_dir)
    team = yield from _connection(settings)
    yield from _database(settings, read, team)
    yield from _open_to_others(settings.data_dir)
    yield from _definitions(read)
    yield from _templates(settings, read)
    yield from _files_without_use(settings, read)


def _definitions(read: PanelFiles) -> Iterator[Finding]:
    yield from (Finding(fault, is_fault=True) for fault in read.faults)
    yield from (Finding(f"{doubt}.", is_doubtful=True) for doubt in doubts_about(read))
    kinds = ", ".join(sorted(definition.title for definition in read.definitions.values()))
    yield Finding(f"{len(read.sound)} panel definitions are sound: {kinds}.")


def _connection(settings: Settings) -> Generator[Finding, None, str | None]:
    """Yield findings about the bot's token: whether Slack accepts the token, and which scopes it lacks.

    Return the id of the token's workspace, or None if it is not known.
    """
    try:
        connection = settings.connection
    except Misconfigured as wrong:
        yield from (Finding(fault, is_fault=True) for fault in wrong.faults)
        return None
    if connection is Connection.PRACTICE or settings.slack_bot_token is None:
        yield Finding("No Slack tokens are set: panelbot run starts practice mode.")
        return None
    client = web_client(settings.slack_bot_token.get_secret_value(), settings.api_url)
    try:
        answer = client.auth_test()
    except (SlackClientError, OSError) as failed:
        yield Finding(why_not(failed, "SLACK_BOT_TOKEN", settings.api_url)[0], is_fault=True)
        return None
    yield Finding(f"Slack knows the bot as {answer.get('user')} in {answer.get('team')}, over {connection.value}.")
    headers = {name.lower(): value for name, value in answer.headers.items()}
    given = {scope.strip() for scope in str(headers.get("x-oauth-scopes", "")).split(",")} - {""}
    if not given:
        yield Finding("Slack did not say which scopes the token has.")
    for scope, purpose in sorted(SCOPES.items()) if given else ():
        if scope not in given:
            yield Finding(f"The token lacks the scope {scope}, needed to {purpose}. {MORE_SCOPES}", is_fault=True)
    surplus = sorted(given - set(SCOPES))
    if surplus:
        yield Finding(f"The token has scopes that panelbot does not need: {', '.join(surplus)}.")
    return str(answer.get("team_id") or "") or None


def _database(settings: Settings, read: PanelFiles, team: str | None) -> Iterator[Finding]:
    source = KeySource.of(settings)
    try:
        engine = create_store_engine(settings.database_url)
    except Misconfigured as wrong:
        yield from (Finding(fault, is_fault=True) for fault in wrong.faults)
        return
    try:
        claim = read_claim(engine)
    except SQLAlchemyError as away:
        yield _silent(engine, away)
        return
    finally:
        engine.dispose()
    keys = yield from _master_key(source, claim)
    if engine.dialect.name == "sqlite" and engine.url.database is not None:
        file = Path(engine.url.database)
        unwritable = list(_unwritable(file))
        yield from unwritable
        if not file.exists():
            if not unwritable:
                yield Finding(f"There is no database yet; the first panelbot run or apply makes {file}.")
            return
    yield from _schema(settings, engine, claim, keys, read, team)


def _named(engine: Engine) -> str:
    """Return the kind, name and server of the database, without user and password."""
    url = engine.url
    if engine.dialect.name == "sqlite":
        return f"SQLite database {url.database}"
    server = f" on {url.host}{f':{url.port}' if url.port else ''}" if url.host else ""
    return f"PostgreSQL database {url.database or '(no name)'}{server}"


def _silent(engine: Engine, away: SQLAlchemyError) -> Finding:
    """Return a finding which says that the database does not answer, and what to check."""
    is_file = engine.dialect.name == "sqlite"
    checked = "Check that panelbot may read and write this file" if is_file else "Check that its server runs"
    said = f"The {_named(engine)} does not answer ({type(away).__name__}). {checked}, and PANELBOT_DATABASE_URL."
    return Finding(said, is_fault=True)


def _master_key(source: KeySource, claim: Claim | None) -> Generator[Finding, None, KeyRing | None]:
    """Yield what is wrong with the master key. Return its key ring if the key belongs to the database, else None."""
    try:
        if claim is not None:
            return KeyRing(find_master_key(source, claim))
        require_no_stray_key(source)
        if source.read() is None:
            yield from _unwritable(source.file)
    except Misconfigured as wrong:
        yield from (Finding(fault, is_fault=True) for fault in wrong.faults)
    return None


def _schema(
    settings: Settings, engine: Engine, claim: Claim | None, keys: KeyRing | None, read: PanelFiles, team: str | None
) -> Iterator[Finding]:
    database = _named(engine)
    try:
        if claim is None:
            yield Finding(f"The {database} is empty; the first panelbot run or apply sets it up.")
        elif claim.revision == CURRENT:
            yield Finding(f"The {database} has the schema of this version ({CURRENT}).")
            if keys is not None:
                yield from _audit(engine, keys, settings.checkpoint_file)
                yield from _diaries(Store(engine, keys, SystemClock(), read.definitions))
            with Session(engine.execution_options(reading=True)) as session:
                yield from _delivery(session)
                yield from _shared_channels(session)
                yield from _guests(session)
                yield from _strangers(session, team)
                if not read.faults:  # else the definition may exist and be faulty, which is reported already
                    yield from _panels(settings, session, read)
        else:
            yield Finding(
                f"The {database} has the schema {claim.revision}, not this version's; panelbot run migrates it.",
                is_fault=True,
            )
    except SQLAlchemyError as away:
        yield _silent(engine, away)
    finally:
        engine.dispose()


def _diaries(store: Store) -> Iterator[Finding]:
    """Yield a fault for each open-ended series whose diary is about to run out."""
    if store.definitions:  # without them no panel's dates can be found, and that is told already
        with store.reading() as work:
            yield from (Finding(sentence, is_fault=True) for sentence in unfilled(work))


def _delivery(session: Session) -> Iterator[Finding]:
    """Yield a fault for each reason why messages to Slack are held back, with how many messages wait."""
    for alarm in alarms(session):
        since = f"{alarm.since:%-d %B %Y %H:%M} UTC"
        waits = f"{alarm.waiting} {'message waits' if alarm.waiting == 1 else 'messages wait'}"
        if alarm.error == UNREACHABLE:
            yield Finding(
                f"Slack has not answered since {since}: {waits}. Check this machine's network and proxy.", is_fault=True
            )
        else:
            what = "every call" if alarm.method == EVERYTHING else alarm.method
            yield Finding(
                f"Slack refuses {what} since {since} ({alarm.error}): {waits}, and will go out once that is put right. "
                f"{_mend(alarm)}",
                is_fault=True,
            )


def _mend(alarm: Alarm) -> str:
    """Return a sentence saying what to do about the error that Slack gives when it refuses calls."""
    if alarm.error in REFUSED_TOKENS:
        return MORE_SCOPES if alarm.error == "missing_scope" else mend_of("SLACK_BOT_TOKEN", alarm.error)
    return "Slack's page on the method says what the error means: https://docs.slack.dev/reference/methods"


def _audit(engine: Engine, keys: KeyRing, file: Path) -> Iterator[Finding]:
    """Yield a finding that says whether the audit is complete and unchanged, according to its checkpoints."""
    try:
        with engine.execution_options(reading=True).connect() as connection:
            state = check_audit(connection, keys, file)
    except Misconfigured as unreadable:
        yield Finding(str(unreadable), is_fault=True)
        return
    if state.fault is not None:
        yield Finding(f"{state.fault} {_BROKEN_AUDIT}", is_fault=True)
    else:
        yield Finding(whole_words(state))
    if state.head.number:
        yield Finding(head_words(state.head))
    if state.checkpoint_at is not None and not file.exists():
        yield Finding(
            f"{file} is missing, which keeps the audit's checkpoints outside the database. panelbot run writes "
            "it again. If it was there before, find out why.",
            is_doubtful=True,
        )


def _shared_channels(session: Session) -> Iterator[Finding]:
    """Yield a fault for each panel whose channel another workspace can see. Nothing is posted in such a channel."""
    shared = select(Panel, SharedChannel).join(SharedChannel, col(SharedChannel.channel_id) == col(Panel.channel_id))
    for panel, channel in session.exec(shared.where(col(Panel.is_active)).order_by(col(Panel.key))):
        yield Finding(
            f"The channel of {panel.title} ({panel.key}) has been shared with another workspace since "
            f"{channel.since:%-d %B %Y}. Nothing is posted there until a Slack administrator stops sharing it.",
            is_fault=True,
        )


def _guests(session: Session) -> Iterator[Finding]:
    """Yield, for each panel, the people seen in its channel who have no place on the panel."""
    by_panel = grouped((one.panel.key, one) for one in list_guests(session, SystemClock().now()))
    for key, guests in by_panel.items():
        named = ", ".join(f"{one.name} ({one.agency})" if one.name else one.user_id for one in guests)
        yield Finding(
            f"In the channel of {guests[0].panel.title} ({key}), but not on the panel: {named}. Remove them from the "
            "channel in Slack, or give them a place.",
            is_doubtful=True,
        )


def _strangers(session: Session, team: str | None) -> Iterator[Finding]:
    """Yield a fault if no enrolled person is in the token's workspace, since the bot would then answer no one."""
    enrolled = session.exec(select(Person.team_id).where(col(Person.left_at).is_(None)).distinct()).all()
    if team is not None and enrolled and team not in enrolled:
        theirs = ", ".join(sorted(enrolled))
        yield Finding(
            f"The token belongs to the workspace {team}, but the people enrolled are in {theirs}. Set `team` in the "
            "county file and apply it.",
            is_fault=True,
        )


def _panels(settings: Settings, session: Session, read: PanelFiles) -> Iterator[Finding]:
    """Yield a fault for each panel that can't be used because its definition is missing, with what to do."""
    own = settings.panelbot_agendas_dir
    folder = str(own) if own is not None else "the folder that PANELBOT_AGENDAS_DIR is to name (it is not set)"
    for panel in standing_still(session, read.sound):
        yield Finding(
            f'The panel {panel.title} ({panel.key}) stands still: no panel definition has the key "'
            f'{panel.definition}"{nearest(panel.definition, sorted(read.sound)) or "."} Put the file that has it '
            f"back into {folder}. Or give the panel another definition in the county file and apply it.",
            is_fault=True,
        )


def _open_to_others(folder: Path) -> Iterator[Finding]:
    """Yield a finding if other accounts on this machine can enter the data folder."""
    if folder.is_dir() and folder.stat().st_mode & 0o077:
        yield Finding(
            f"Other accounts on this machine can enter {folder}, the bot's data folder. To keep them out: "
            f"chmod 700 {shlex.quote(str(folder))}",
            is_doubtful=True,
        )


def _unwritable(file: Path) -> Iterator[Finding]:
    """Yield a fault if the file can't be written, or can't be made in its folder."""
    there = file
    while not there.exists() and there != there.parent:
        there = there.parent
    folder = there if there != file else file.parent
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        yield Finding(f"{folder} cannot be written, and {file.name} belongs there. {_LET}", is_fault=True)
    elif there == file and not os.access(file, os.R_OK | os.W_OK):
        yield Finding(f"{file} cannot be written. {_LET}", is_fault=True)


def _files_without_use(settings: Settings, read: PanelFiles) -> Iterator[Finding]:
    """Yield a finding for each file in the administrator's folders that nothing uses, such as `Minutes.docx`."""
    templates = set(_users_of_templates(read))
    for folder, is_used, wanted in (
        (settings.panelbot_agendas_dir, lambda name: name.endswith(".toml"), "names that end with .toml"),
        (settings.panelbot_templates_dir, lambda name: name in templates, ", ".join(sorted(templates))),
    ):
        if folder is None or not folder.is_dir() or read.faults:  # a faulty definition may be the one that uses it
            continue
        for entry in sorted(folder.iterdir()):
            if entry.name.startswith((".", "~$")) or entry.name == "README.md" or is_used(entry.name):
                continue
            yield Finding(f"{entry} is not used by any panel definition; used are {wanted}.", is_doubtful=True)


def _users_of_templates(read: PanelFiles) -> dict[str, list[tuple[Kind, str]]]:
    """Return a dict from the name of each template to the places where it is used.

    Each use is a kind of paper, and the setting that names the template for it, such as a key in a panel definition.
    """
    users: dict[str, list[tuple[Kind, str]]] = {name: [(kind, name)] for name, kind in TEMPLATES.items()}
    for file in read.sound.values():
        users.setdefault(file.definition.agenda_template, []).append(("agenda", file.where("agenda_template")))
        users.setdefault(file.definition.minutes_template, []).append(("minutes", file.where("minutes_template")))
    return users


def _templates(settings: Settings, read: PanelFiles) -> Iterator[Finding]:
    own_folder = settings.panelbot_templates_dir
    if own_folder is not None and not own_folder.is_dir():
        yield Finding(
            f"PANELBOT_TEMPLATES_DIR: {own_folder} is not a folder. Make it, or unset the variable.", is_fault=True
        )
    sound = 0
    shipped_ones = sorted(entry.name for entry in files("minutes_templates").iterdir() if entry.name.endswith(".docx"))
    for name, users in sorted(_users_of_templates(read).items()):
        own = settings.panelbot_templates_dir / name if settings.panelbot_templates_dir else None
        if name not in shipped_ones and (own is None or not own.exists()):
            there = "neither in your folder of templates nor shipped" if own_folder else "not shipped"
            for _, where in users:
                close = nearest(name, shipped_ones) or ". Name a shipped one, or put it into your folder of templates."
                yield Finding(f"{where}: the template {name} is {there}{close}", is_fault=True)
            continue
        with as_file(files("minutes_templates").joinpath(name)) as shipped:
            path: Path = own if own is not None and own.exists() else shipped
            faults = [fault for kind in sorted({kind for kind, _ in users}) for fault in check_template(path, kind)]
            remarks = remark_template(path, users[0][0]) if path == own and not faults else []
        yield from (Finding(fault, is_fault=True) for fault in faults)
        yield from (Finding(remark, is_doubtful=True) for remark in remarks)
        sound += not faults
    if sound:
        yield Finding(f"{sound} Word {'template is' if sound == 1 else 'templates are'} sound.")
