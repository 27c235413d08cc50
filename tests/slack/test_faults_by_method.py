"""Every error of every method that the outbox calls, and what lies between: through the courier, to the workspace.

At most one thing is shown for each row, nothing is lost, and what did not arrive is there for a person to decide.
"""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from bot.domain.permissions import Actor
from bot.models.outbox import OutboxRow, SlackFile
from bot.practice.workspace.faults import Fault
from bot.records.access.queries import actor_of
from bot.services.home.undelivered import list_undelivered
from bot.slack.courier import Courier
from bot.slack.outgoing import (
    Call,
    Delete,
    Outgoing,
    Post,
    PostToPerson,
    PublishHome,
    RemoveFile,
    Respond,
    Rewrite,
    Upload,
    Whisper,
)
from bot.slack.sender import Sender, web_client
from bot.slack.treatments import DEFAULT, ERRORS, Treatment
from bot.store.outbox import PERSON, Effect
from bot.store.slack_files import FileRecord, note_file
from bot.store.slack_methods import alarms, remember_channel
from bot.store.unit_of_work import Store, Work
from tests.county import TEAM
from tests.slack.conftest import NOW, Scene, playing

#: The kind of effect by which each method is called here; what it shows once is said by `_shown`.
KINDS = {
    "chat.postMessage": "say",
    "chat.postEphemeral": "whisper",
    "chat.update": "message_overtaken",
    "chat.delete": "board_removed",
    "conversations.open": "say_to",
    "views.publish": "home",
    "files.getUploadURLExternal": "tracker_file",
    "upload": "tracker_file",
    "files.completeUploadExternal": "tracker_file",
    "files.delete": "file_removed",
    "response_url": "response",
}
REPEATABLE = ("chat.update", "chat.delete", "views.publish", "files.delete")
RECORD = FileRecord("tracker_file", 1, None, None, frozenset(), NOW)
#: Methods that show nothing to anybody by themselves: what is uncertain of them is simply done again.
SHOW_NOTHING = ("conversations.open", "files.getUploadURLExternal", "upload")
SAID_BY_SLACK = [
    (method, error, treatment)
    for method, errors in ERRORS.items()
    if method in KINDS
    for error, treatment in errors.items()
]
#: What is not a word of Slack's: the fault, and whether Slack has taken the call when it strikes.
LINES: dict[str, Fault] = {
    "429": Fault.rate_limited(0),
    "500": Fault.server_error(500),
    "502 after it was taken": Fault.server_error(502, effect=True),
    "a page": Fault.page(),
    "a page after it was taken": Fault.page(effect=True),
    "a page that forbids": Fault.page(403),
    "an empty list": Fault.body("[]"),
    "an object that says nothing": Fault.body("{}"),
    "half an object": Fault.body('{"ok": tr'),
    "no answer": Fault.drop_before_accept(),
    "no answer after it was taken": Fault.drop_after_accept(),
    "a word of tomorrow": Fault.api_error("invented_tomorrow"),
}


@dataclass(frozen=True, slots=True)
class Desk:
    """A scene that lasts for all rows, with a courier that does not rest for long."""

    scene: Scene
    courier: Courier
    calls: dict[str, Call]  #: by the key of the effect


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Yield the county over signed HTTP."""
    with pytest.MonkeyPatch.context(), playing(tmp_path_factory.mktemp("desk"), over="http") as scene:
        scene.bot.courier.stop()
        calls: dict[str, Call] = {}

        def render(_work: Work, payload: Mapping[str, Any]) -> Outgoing:
            return Outgoing(calls[payload["key"]])

        client = web_client(scene.workspace.bot_token, scene.workspace.api_url)
        # A direct message whose channel is gone is opened again only if it wasn't opened for this very message.
        with scene.store.work() as work:
            channel = client.conversations_open(users="U5")["channel"]["id"]
            remember_channel(work.session, TEAM, "U5", channel)
        courier = Courier(
            scene.store, dict.fromkeys(KINDS.values(), render), Sender(client), paces={}, longest_rest=0.05
        )
        courier.start()
        try:
            yield Desk(scene, courier, calls)
        finally:
            courier.stop()


def an_effect(desk: Desk, method: str, name: str) -> tuple[Effect, Call]:
    """Something that is done by this method, and of which people see exactly `name`."""
    workspace, kind = desk.scene.workspace, KINDS[method]
    call: Call
    lane = name
    match kind:
        case "say":
            call = Post("C2", name)
        case "whisper":
            call = Whisper("C2", "U4", name)
        case "message_overtaken":
            client = web_client(workspace.bot_token, workspace.api_url)
            posted = client.chat_postMessage(channel="C2", text=f"before {name}")
            call = Rewrite("C2", str(posted["ts"]), name)
        case "board_removed":
            client = web_client(workspace.bot_token, workspace.api_url)
            call = Delete("C2", str(client.chat_postMessage(channel="C2", text=name)["ts"]))
        case "say_to":
            user = workspace.add_user(f"user{len(desk.calls)}").id
            call, lane = PostToPerson(TEAM, user, name), f"{PERSON}{user}"
        case "home":
            call = PublishHome("U4", {"type": "home", "blocks": [{"type": "section", "text": _mrkdwn(name)}]})
        case "tracker_file":
            call = Upload(TEAM, "U5", f"{len(desk.calls)}.txt", name, name.encode, "", RECORD)
            lane = f"{PERSON}{name}"[:80]
        case "file_removed":
            call = RemoveFile(a_file(desk, name))
        case _:
            url = workspace.state.new_response_url("commands", "C2", "U4")
            call = Respond(url, {"text": name})
    key = f"{len(desk.calls)}"
    return Effect(key, lane[:80], kind, {"key": key, "user": "U4"}, gap=0.0), call


def a_file(desk: Desk, name: str) -> str:
    """Record a file in a direct message. Return Slack's id of it."""
    workspace = desk.scene.workspace
    client = web_client(workspace.bot_token, workspace.api_url)
    file_id = str(client.files_upload_v2(channel="C2", content=name, filename="a.txt", title=name)["file"]["id"])
    with desk.scene.store.work() as work:
        note_file(work.session, RECORD, file_id, "C2", work.now)
    return file_id


def _mrkdwn(words: str) -> dict[str, str]:
    return {"type": "mrkdwn", "text": words}


def settled(desk: Desk, effect: Effect) -> tuple[str, str | None]:
    """State and error of an effect once it has ended and nothing is held; time passes, and nobody waits for it."""
    for _ in range(600):
        with desk.scene.store.reading() as work:
            row = work.session.exec(select(OutboxRow).where(col(OutboxRow.key) == effect.key)).one()
            found = row.state, row.error
            held = alarms(work.session)
        if found[0] not in ("ready", "claimed", "sending") and not held:
            return found
        time_passes(desk.scene.store)
        desk.courier.wake()
        threading.Event().wait(0.01)
    raise TimeoutError(f"{found} {held}")


def time_passes(store: Store) -> None:
    """Everything that rests has rested long enough."""
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE outbox_method SET next_at = 0 WHERE failures > 0 AND NOT is_on_trial"))
        waiting = "SELECT lane FROM outbox WHERE state = 'ready'"
        connection.execute(text(f"UPDATE outbox_lane SET next_at = 0 WHERE name IN ({waiting})"))  # noqa: S608


def shown(desk: Desk, method: str, name: str) -> int:
    """Return how many times people see it."""
    scene = desk.scene
    match KINDS[method]:
        case "say_to":
            state = scene.workspace.state
            return sum(message.text == name for messages in state.messages.values() for message in messages)
        case "home":
            home = scene.person("U4").home
            return int(home is not None and name in home.words)
        case "tracker_file":
            state = scene.workspace.state
            files = [file.title for messages in state.messages.values() for one in messages for file in one.files]
            return files.count(name)
        case "file_removed":
            (file,) = (one for one in scene.workspace.state.files.values() if one.title == name)
            removed = (col(SlackFile.slack_id) == file.id, col(SlackFile.removed_at).is_not(None))
            with scene.store.reading() as work:
                return len(work.find_all(SlackFile, *removed))
        case "board_removed":
            return int(not any(one.text == name for one in scene.person("U4").messages("C2")))
        case "response":
            return sum(name in one.words for one in scene.person("U4").messages("C2"))
        case _:
            return sum(one.text == name for one in scene.person("U4").messages("C2"))


def an_administrator(desk: Desk) -> Actor:
    with desk.scene.store.reading() as work:
        actor = actor_of(work, desk.scene.county.person["countychair"])
    assert actor is not None
    return Actor(**{**{name: getattr(actor, name) for name in Actor.__slots__}, "is_administrator": True})


def goes_out(desk: Desk, method: str, name: str, fault: Fault) -> tuple[str, int]:
    """Send one effect whose first call of `method` meets a fault: how it ended, and how often it is seen."""
    effect, call = an_effect(desk, method, name)
    desk.calls[effect.key] = call
    before = stranded(desk)
    desk.scene.workspace.faults.next(method, fault)
    with desk.scene.store.work() as work:
        work.send(effect)
    state, _ = settled(desk, effect)
    assert desk.scene.workspace.faults.take(method) is None, "the fault was not met with"
    assert stranded(desk) - before == int(state in ("dead", "ambiguous")), "a person sees what did not arrive"
    return state, shown(desk, method, name)


def stranded(desk: Desk) -> int:
    with desk.scene.store.reading() as work:
        return list_undelivered(work, an_administrator(desk)).total


def ends(method: str, treatment: Treatment) -> str:
    """Return how an effect ends whose call is met once by an error of this treatment."""
    if treatment in (Treatment.REFUSED, Treatment.REOPEN):
        again = treatment is Treatment.REOPEN and KINDS[method] in ("say_to", "tracker_file")
        return "done" if again else "dead"
    if treatment in (Treatment.UNCERTAIN, Treatment.NO_ANSWER):
        return "done" if method in (*REPEATABLE, *SHOW_NOTHING) else "ambiguous"
    return "done"


def test_there_are_at_least_forty_five_rows() -> None:
    assert len(SAID_BY_SLACK) > 200
    assert len({method for method, _, _ in SAID_BY_SLACK}) == 10


@pytest.mark.slow
@pytest.mark.parametrize(("method", "error", "treatment"), SAID_BY_SLACK)
def test_an_error_of_slacks_is_treated_as_the_table_says(
    desk: Desk, method: str, error: str, treatment: Treatment
) -> None:
    state, seen = goes_out(desk, method, f"{method} {error}", Fault.api_error(error))
    # A message that Slack says is gone is neither rewritten nor deleted, and there is nothing left to do.
    nothing = treatment is Treatment.GONE and method.startswith("chat.")
    assert (state, seen) == (ends(method, treatment), int(ends(method, treatment) == "done" and not nothing))


@pytest.mark.slow
@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("method", KINDS)
def test_what_is_no_word_of_slacks_loses_nothing_and_shows_nothing_twice(desk: Desk, method: str, line: str) -> None:
    fault = LINES[line]
    state, seen = goes_out(desk, method, f"{method} {line}", fault)
    if line == "429":
        expected = "done"
    elif line == "a word of tomorrow":
        expected = "done" if method == "upload" else ends(method, DEFAULT)
    else:
        expected = ends(method, Treatment.NO_ANSWER)
    assert (state, seen) == (expected, int(state == "done" or (fault.effect and method not in SHOW_NOTHING)))
