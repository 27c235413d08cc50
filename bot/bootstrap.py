"""The only module that makes the objects of a running bot and connects them. Importing this module does nothing."""

import gc
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import SecretStr
from slack_bolt import App
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock, SystemClock
from bot.documents.panel_files import load_panel_definitions
from bot.errors import Misconfigured
from bot.settings import Settings
from bot.slack.app import build_app
from bot.slack.courier import GATHERING_SECONDS, Courier
from bot.slack.incidents import incident
from bot.slack.listener import Listener, Patience, Settling
from bot.slack.registry import Registry
from bot.slack.screens import Screens
from bot.slack.sender import Sender, web_client
from bot.slack.socket_mode import Socket
from bot.slack.tables import build_registry
from bot.slack.web_server import Door, serve_http
from bot.store.budget import Budget
from bot.store.engine import create_store_engine
from bot.store.faults import own_words
from bot.store.key_ring import KeyRing
from bot.store.master_key import (
    KeySource,
    find_master_key,
    keep,
    new_key,
    prove,
    read_claim,
    require_no_stray_key,
    require_proof,
)
from bot.store.schema import CURRENT, upgrade
from bot.store.unit_of_work import Store
from bot.ticks import Ticks

HEALTH_SECONDS = 1.0
_LOG = logging.getLogger("panelbot.keys")


def build_store(
    settings: Settings, *, clock: Clock | None = None, announce: Callable[[str], None] = _LOG.warning
) -> Store:
    """Return the store on the configured database, with its keys and the panel definitions.

    An older schema is upgraded first. Raise Misconfigured, saying what is wrong, if the database, the master key or a
    definition can't be used. If a new master key is made, `announce` gets a sentence that says where the key was put.
    """
    engine = create_store_engine(settings.database_url)
    with ExitStack() as unless_built:
        unless_built.callback(engine.dispose)
        store = _store_on(engine, settings, clock or SystemClock(), announce)
        unless_built.pop_all()
    return store


def _store_on(engine: Engine, settings: Settings, clock: Clock, announce: Callable[[str], None]) -> Store:
    source = KeySource.of(settings)
    try:
        # The key is checked before the schema is changed: with a wrong key nothing may be written.
        keys = KeyRing(find_master_key(source, read_claim(engine)))
        upgrade(engine, lambda connection: prove(connection, keys, clock.now()))
        require_proof(engine, keys)
    except SQLAlchemyError as away:
        raise Misconfigured(unusable(away)) from None
    new_file = keep(source)
    if new_file is not None:
        announce(
            f"A new master key was made: {new_file}. Keep a copy of it with your secrets, away from the backups of the "
            "database. Without it, no record can be read."
        )
    return Store(
        engine,
        keys,
        clock,
        load_panel_definitions(settings.panelbot_agendas_dir),
        settings.panelbot_templates_dir,
        settings.feed_url,
        settings.checkpoint_file,
    )


@contextmanager
def store_for_a_look(settings: Settings) -> Iterator[Store]:
    """Yield the store of the existing database, or the store of an empty temporary database if none exists.

    Raise Misconfigured if opening the database would change something: its schema is older, or the master key is
    missing.
    """
    engine = create_store_engine(settings.database_url)
    try:
        claim = read_claim(engine)
    except SQLAlchemyError as away:
        raise Misconfigured(unusable(away)) from None
    finally:
        engine.dispose()
    if claim is None:
        require_no_stray_key(KeySource.of(settings))
        with TemporaryDirectory(prefix="panelbot-") as folder, opened_store(passing(settings, Path(folder))) as store:
            yield store
        return
    if claim.revision != CURRENT:
        raise Misconfigured(
            f"The database has the schema {claim.revision}, not this version's; panelbot run migrates it."
        )
    with opened_store(settings) as store:
        yield store


def passing(settings: Settings, folder: Path) -> Settings:
    """Return a copy of the settings for a temporary database in `folder`.

    The copy has a new master key, which is stored nowhere else.
    """
    return settings.model_copy(
        update={
            "panelbot_database_url": f"sqlite:///{folder / 'panelbot.db'}",
            "panelbot_data_dir": folder,
            "panelbot_master_key": SecretStr(new_key()),
            "panelbot_master_key_command": None,
        }
    )


@contextmanager
def opened_store(settings: Settings, announce: Callable[[str], None] = _LOG.warning) -> Iterator[Store]:
    """Yield the store that `build_store` returns, and close its connections afterwards.

    Raise Misconfigured, saying what is wrong, if the store can't be opened.
    """
    store = build_store(settings, announce=announce)
    try:
        yield store
    finally:
        store.close()


def unusable(failed: SQLAlchemyError) -> str:
    """Return a sentence that says why the database can't be used, without password or content."""
    return f"The database cannot be used: {own_words(failed)}."


@dataclass(frozen=True, slots=True)
class Bot:
    """One running bot. `start` returns once the bot is connected to Slack, and `stop` once all its work is finished."""

    store: Store
    registry: Registry
    app: App
    listener: Listener
    courier: Courier
    settling: Settling
    ticks: Ticks
    socket: Socket | None  #: with SLACK_APP_TOKEN
    door: Door | None  #: the WSGI application, with SLACK_SIGNING_SECRET

    def start(self, *, ticking: bool = True) -> None:
        """Send queued messages, connect to Slack and start the ticks."""
        self.courier.start()
        if self.socket is not None:
            self.socket.start()
        if ticking:
            self.ticks.start()

    def stop(self) -> None:
        """Accept no new request, finish all work that was begun, then stop sending and close the store."""
        self.ticks.begin_no_more()
        if self.socket is not None:
            self.socket.stop()
        self.ticks.stop()
        self.settling.stop()
        self.courier.stop()
        self.store.close()


def build_bot(
    settings: Settings,
    store: Store,
    *,
    patience: Patience | None = None,
    gathering: float = GATHERING_SECONDS,
) -> Bot:
    """Return a bot that uses this store and is not started yet. Raise Misconfigured if Slack refuses the token.

    Several effects can be combined in one message, such as all actions just given to one person. After such a message,
    the lane sends nothing for `gathering` seconds.
    """
    patience = patience or Patience()
    token = settings.slack_bot_token.get_secret_value() if settings.slack_bot_token else ""
    client = web_client(token, settings.api_url)
    registry = build_registry()
    impatient, more_so = (
        web_client(token, settings.api_url, timeout=seconds) for seconds in (patience.modal, patience.account)
    )
    screens = Screens(impatient, more_so)
    settling = Settling(store, screens)
    listener = Listener(store, registry, screens, settling, patience)
    app = build_app(client, listener, registry, store)
    app_token = settings.slack_app_token.get_secret_value() if settings.slack_app_token else ""
    secret = settings.slack_signing_secret.get_secret_value() if settings.slack_signing_secret else ""
    courier = Courier(store, registry.renderers, Sender(client), gathering=gathering)

    def is_healthy() -> bool:
        return courier.is_running() and store_answers(store)

    return Bot(
        store=store,
        registry=registry,
        app=app,
        listener=listener,
        courier=courier,
        settling=settling,
        ticks=Ticks(store, incident),
        socket=Socket(app, app_token, store) if app_token else None,
        door=Door(app, secret, store, is_healthy) if secret and not app_token else None,
    )


def store_answers(store: Store) -> bool:
    """Return whether the database can be read within a second, for a health probe."""
    try:
        with store.reading(Budget.of(HEALTH_SECONDS)) as work:
            work.session.execute(text("SELECT 1"))
    except (SQLAlchemyError, Misconfigured):
        return False
    return True


def _serving(settings: Settings) -> Bot:
    """Return a bot that is started, and that serves Slack until this process ends."""
    bot = build_bot(settings, build_store(settings))
    # The bot's objects live until the end, so garbage collection need not look at them again.
    gc.collect()
    gc.freeze()
    gc.enable()
    bot.start()
    return bot


def run_socket(settings: Settings, until: threading.Event) -> None:
    """Serve Slack over Socket Mode until the event `until` is set, and return only then."""
    bot = _serving(settings)
    try:
        until.wait()
    finally:
        bot.stop()


def run_http(settings: Settings, *, host: str, port: int) -> None:
    """Serve Slack over signed HTTP until the process is told to end, and return only then."""

    def build() -> tuple[Any, Callable[[], None]]:
        bot = _serving(settings)
        return bot.door, bot.stop

    serve_http(build, host=host, port=port)
