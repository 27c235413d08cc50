"""What a person can do, what they see of it, and what Slack's client would not let them do."""

import datetime as dt
from typing import Any

import pytest
from slack_bolt import App

from bot.practice.workspace.findings import NotOffered
from bot.practice.workspace.forms import TROUBLE
from bot.practice.workspace.payloads import REQUIRED
from bot.practice.workspace.person import Person
from bot.practice.workspace.sights import Outcome, SeenView
from bot.practice.workspace.workspace import Workspace
from tests.practice.workspace.conftest import Json, Receiver, client_for, modal, plain, section, text_field


@pytest.fixture
def alex(over_http: Workspace) -> Person:
    return over_http.person("U1")


@pytest.fixture
def sam(over_http: Workspace) -> Person:
    return over_http.person("U2")


def choice(value: str) -> Json:
    return {"text": plain(value.title()), "value": value}


def buttons(*values: str) -> Json:
    elements = [
        {"type": "button", "action_id": f"go_{value}", "text": plain(value), "value": value} for value in values
    ]
    return {"type": "actions", "block_id": "buttons", "elements": elements}


def opens(bolt: App, view: Json) -> None:
    """Let /action open this modal."""

    @bolt.command("/action")
    def command(ack, body, client):  # type: ignore[no-untyped-def]
        client.views_open(trigger_id=body["trigger_id"], view=view)
        ack()


def opened(person: Person) -> SeenView:
    view = person.types("C1", "/action").view
    assert view is not None
    return view


# --- commands -------------------------------------------------------------------------------------------


def test_an_answer_is_seen_by_the_one_who_typed(bolt: App, alex: Person, sam: Person) -> None:
    bolt.command("/action")(lambda ack: ack("noted"))
    outcome = alex.types("C1", "/action add")
    assert (outcome.text, [m.text for m in alex.messages("C1")], sam.messages("C1")) == ("noted", ["noted"], [])


def test_an_answer_in_channel_is_seen_by_everybody_there(bolt: App, alex: Person, sam: Person) -> None:
    bolt.command("/action")(lambda ack: ack(text="agenda", response_type="in_channel"))
    alex.types("C1", "/action add")
    assert [(m.text, m.ephemeral) for m in sam.messages("C1")] == [("agenda", False)]


def test_an_answer_slack_cannot_show_is_an_invalid_response(bolt: App, alex: Person) -> None:
    bolt.command("/action")(lambda ack: ack(text="x", blocks=[section("y" * 3001)]))
    assert alex.types("C1", "/action add").error == '/action failed with the error "invalid_command_response"'


def test_a_command_outside_the_manifest_is_not_valid(bolt: App, alex: Person) -> None:
    assert (alex.types("C1", "/foo x").error or "").startswith("/foo is not a valid command.")


def test_commands_do_not_work_in_threads(bolt: App, alex: Person, receiver: Receiver) -> None:
    parent = alex.says("C1", "thread")
    outcome = alex.types("C1", "/action x", thread_ts=parent.ts)
    assert outcome == Outcome(error="/action is not supported in threads. Sorry!")


@pytest.mark.parametrize("line", ["/action x", "hello"])
def test_nobody_types_where_they_are_not_a_member(over_http: Workspace, sam: Person, line: str) -> None:
    with pytest.raises(NotOffered, match="U2 is not in C2"):
        sam.types("C2", line)


def test_a_person_deactivated_can_do_nothing(over_http: Workspace, alex: Person) -> None:
    over_http.deactivate("U1")
    for act in (
        lambda: alex.types("C1", "/action x"),
        lambda: alex.says("C1", "x"),
        alex.opens_home,
        lambda: alex.uses_shortcut("flag_case"),
        lambda: alex.joins("C1"),
    ):
        with pytest.raises(NotOffered, match="U1 is deactivated"):
            act()
    assert alex.messages("C1") == []


def test_a_repeated_delivery_brings_the_same_payload_again(over_http: Workspace, bolt: App, alex: Person) -> None:
    heard: list[str] = []

    @bolt.command("/action")
    def command(ack, body):  # type: ignore[no-untyped-def]
        heard.append(body["trigger_id"])
        ack()

    alex.types("C1", "/action x")
    again = over_http.redeliver(over_http.deliveries[0])
    assert (heard[0] == heard[1], again.acknowledged) == (True, True)


# --- clicking -------------------------------------------------------------------------------------------


def test_a_button_tells_its_value_and_who_pressed_it(over_http: Workspace, bolt: App, alex: Person) -> None:
    pressed: list[Any] = []

    @bolt.action("go_yes")
    def go(ack, action, body):  # type: ignore[no-untyped-def]
        pressed.append((action["value"], action["block_id"], body["user"]["id"], body["container"]["type"]))
        ack()

    bolt.client.chat_postMessage(channel="C1", text="?", blocks=[buttons("yes", "no")])
    (message,) = alex.messages("C1")
    assert (alex.clicks(message, "go_yes"), message.actions) == (Outcome(), ("go_yes", "go_no"))
    assert pressed == [("yes", "buttons", "U1", "message")]


def test_buttons_with_one_action_id_are_told_apart_by_value(bolt: App, alex: Person) -> None:
    pressed: list[str] = []

    @bolt.action("done")
    def done(ack, action):  # type: ignore[no-untyped-def]
        pressed.append(action["value"])
        ack()

    rows = [
        {**section(n), "accessory": {"type": "button", "action_id": "done", "text": plain("Done"), "value": n}}
        for n in ("1", "2")
    ]
    bolt.client.chat_postMessage(channel="C1", text="?", blocks=rows)
    (message,) = alex.messages("C1")
    alex.clicks(message, "done", "2")
    with pytest.raises(NotOffered, match="2 elements with action_id done"):
        alex.clicks(message, "done")
    assert pressed == ["2"]


@pytest.mark.parametrize(
    ("element", "chosen", "told"),
    [
        (
            {"type": "static_select", "options": [choice("a"), choice("b")]},
            "b",
            {"selected_option": {"text": {**plain("B"), "emoji": True}, "value": "b"}},
        ),
        ({"type": "users_select"}, "U2", {"selected_user": "U2"}),
        ({"type": "multi_users_select"}, ["U1", "U2"], {"selected_users": ["U1", "U2"]}),
        ({"type": "channels_select"}, "C1", {"selected_channel": "C1"}),
        ({"type": "conversations_select"}, "C1", {"selected_conversation": "C1"}),
        ({"type": "datepicker"}, "2026-11-30", {"selected_date": "2026-11-30"}),
        ({"type": "datepicker"}, dt.date(2026, 11, 30), {"selected_date": "2026-11-30"}),
        ({"type": "timepicker"}, "09:30", {"selected_time": "09:30"}),
        ({"type": "datetimepicker"}, 1_795_000_000, {"selected_date_time": 1_795_000_000}),
        (
            {"type": "overflow", "options": [choice("a"), choice("b")]},
            "a",
            {"selected_option": {"text": {**plain("A"), "emoji": True}, "value": "a"}},
        ),
        (
            {"type": "radio_buttons", "options": [choice("a")]},
            "A",
            {"selected_option": {"text": {**plain("A"), "emoji": True}, "value": "a"}},
        ),
    ],
)
def test_a_menu_or_picker_tells_what_was_chosen(
    bolt: App, alex: Person, element: Json, chosen: Any, told: Json
) -> None:
    actions: list[Json] = []

    @bolt.action("pick")
    def pick(ack, action):  # type: ignore[no-untyped-def]
        actions.append(action)
        ack()

    block = {"type": "actions", "block_id": "b", "elements": [{**element, "action_id": "pick"}]}
    bolt.client.chat_postMessage(channel="C1", text="?", blocks=[block])
    (message,) = alex.messages("C1")
    alex.clicks(message, "pick", chosen)
    expected = {"type": element["type"], "action_id": "pick", "block_id": "b", **told, "action_ts": "1795000000.000000"}
    assert actions == [expected]


def test_what_is_not_offered_cannot_be_chosen(bolt: App, alex: Person) -> None:
    block = {"type": "actions", "elements": [{"type": "static_select", "action_id": "p", "options": [choice("a")]}]}
    bolt.client.chat_postMessage(channel="C1", text="?", blocks=[block, buttons("yes")])
    (message,) = alex.messages("C1")
    for action_id, value in (("p", "z"), ("q", None)):
        with pytest.raises(NotOffered):
            alex.clicks(message, action_id, value)


def test_a_click_nobody_confirms_shows_trouble(bolt: App, alex: Person) -> None:
    bolt.client.chat_postMessage(channel="C1", text="?", blocks=[buttons("yes")])
    assert alex.clicks(alex.messages("C1")[0], "go_yes").error == TROUBLE


def test_a_message_of_a_private_channel_cannot_be_clicked_from_outside(bolt: App, alex: Person, sam: Person) -> None:
    bolt.client.chat_postMessage(channel="C2", text="?", blocks=[buttons("yes")])
    (message,) = alex.messages("C2")
    assert sam.messages("C2") == []
    with pytest.raises(NotOffered, match="no longer sees"):
        sam.clicks(message, "go_yes")


def test_without_interactivity_nothing_is_delivered(manifest: Json, receiver: Receiver) -> None:
    manifest["settings"]["interactivity"]["is_enabled"] = False
    manifest["settings"]["event_subscriptions"]["bot_events"] = []
    built = Workspace(manifest, delivery="http", request_url=receiver.url)
    alex = built.add_user("alex", id="U1")
    channel = built.add_channel("district", ["U1"])
    with built as workspace:
        client_for(workspace).chat_postMessage(channel=channel, text="?", blocks=[buttons("yes")])
        outcome = alex.clicks(alex.messages(channel)[0], "go_yes")
        assert outcome.error == "This app is not configured to handle interactive responses"
    assert receiver.received == []


# --- modals ---------------------------------------------------------------------------------------------

EVERY_INPUT: list[tuple[str, Json, Any, Json]] = [
    ("plain_text_input", {}, "why", {"value": "why"}),
    ("number_input", {"is_decimal_allowed": False}, 3, {"value": "3"}),
    ("email_text_input", {}, "a@b.example", {"value": "a@b.example"}),
    ("url_text_input", {}, "https://a.example", {"value": "https://a.example"}),
    (
        "rich_text_input",
        {},
        "bold",
        {
            "rich_text_value": {
                "type": "rich_text",
                "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "bold"}]}],
            }
        },
    ),
    (
        "static_select",
        {"options": [choice("a")]},
        "a",
        {"selected_option": {"text": {**plain("A"), "emoji": True}, "value": "a"}},
    ),
    (
        "multi_static_select",
        {"options": [choice("a"), choice("b")]},
        ["b"],
        {"selected_options": [{"text": {**plain("B"), "emoji": True}, "value": "b"}]},
    ),
    ("users_select", {}, "U2", {"selected_user": "U2"}),
    ("multi_users_select", {}, ["U1"], {"selected_users": ["U1"]}),
    ("conversations_select", {}, "C1", {"selected_conversation": "C1"}),
    ("channels_select", {}, "C1", {"selected_channel": "C1"}),
    ("datepicker", {}, "2026-12-01", {"selected_date": "2026-12-01"}),
    ("timepicker", {}, "14:00", {"selected_time": "14:00"}),
    ("datetimepicker", {}, dt.datetime(2026, 12, 1, tzinfo=dt.UTC), {"selected_date_time": 1_796_083_200}),
    (
        "checkboxes",
        {"options": [choice("a")]},
        ["a"],
        {"selected_options": [{"text": {**plain("A"), "emoji": True}, "value": "a"}]},
    ),
    (
        "radio_buttons",
        {"options": [choice("a")]},
        "a",
        {"selected_option": {"text": {**plain("A"), "emoji": True}, "value": "a"}},
    ),
]


@pytest.mark.parametrize(("kind", "more", "given", "told"), EVERY_INPUT, ids=[row[0] for row in EVERY_INPUT])
def test_a_submitted_field_has_slacks_shape(
    bolt: App, alex: Person, kind: str, more: Json, given: Any, told: Json
) -> None:
    states: list[Json] = []
    element = {"type": kind, "action_id": "a", **more}
    opens(bolt, modal({"type": "input", "block_id": "b", "label": plain("L"), "element": element}, callback_id="cb"))

    @bolt.view("cb")
    def submit(ack, view):  # type: ignore[no-untyped-def]
        states.append(view["state"]["values"])
        ack()

    outcome = alex.submits(opened(alex), {"b": given})
    assert (outcome, states) == (Outcome(), [{"b": {"a": {"type": kind, **told}}}])


def test_an_uploaded_file_is_handed_in(bolt: App, alex: Person) -> None:
    names: list[str] = []
    element = {"type": "file_input", "action_id": "a"}
    opens(bolt, modal({"type": "input", "block_id": "b", "label": plain("L"), "element": element}, callback_id="cb"))

    @bolt.view("cb")
    def submit(ack, view):  # type: ignore[no-untyped-def]
        names.extend(file["name"] for file in view["state"]["values"]["b"]["a"]["files"])
        ack()

    alex.submits(opened(alex), {"b": [alex.uploads("return.docx", b"x")]})
    assert names == ["return.docx"]


@pytest.mark.parametrize(
    ("element", "given", "sentence"),
    [
        ({"type": "plain_text_input"}, "", REQUIRED),
        ({"type": "plain_text_input", "min_length": 5}, "abc", "Must be at least 5 characters."),
        ({"type": "plain_text_input", "max_length": 2}, "abc", "Must be at most 2 characters."),
        ({"type": "number_input", "is_decimal_allowed": False}, "1.5", "Please enter a valid number."),
        ({"type": "number_input", "is_decimal_allowed": False, "max_value": "9"}, 10, "Must be at most 9."),
        ({"type": "email_text_input"}, "nobody", "Please enter a valid email address."),
        ({"type": "url_text_input"}, "nowhere", "Please enter a valid URL."),
        ({"type": "checkboxes", "options": [choice("a")]}, [], REQUIRED),
    ],
)
def test_what_the_client_objects_to_never_reaches_the_app(
    bolt: App, alex: Person, receiver: Receiver, element: Json, given: Any, sentence: str
) -> None:
    field = {"type": "input", "block_id": "b", "label": plain("L"), "element": {**element, "action_id": "a"}}
    opens(bolt, modal(field, callback_id="cb"))
    view = opened(alex)
    outcome = alex.submits(view, {"b": given})
    assert (outcome.errors, len(receiver.received)) == ({"b": sentence}, 1)


def _answers(bolt: App, **response: Any) -> None:
    bolt.view("cb")(lambda ack: ack(**response))


def test_errors_stay_under_their_fields(bolt: App, alex: Person) -> None:
    opens(bolt, modal(text_field("why"), callback_id="cb"))
    _answers(bolt, response_action="errors", errors={"why": "Say more."})
    outcome = alex.submits(opened(alex), {"why": "x"})
    assert outcome.view is not None
    assert (outcome.errors, outcome.view.values["why"]["text"]["value"]) == ({"why": "Say more."}, "x")


def test_errors_under_fields_that_do_not_exist_are_trouble(bolt: App, alex: Person) -> None:
    opens(bolt, modal(text_field("why"), callback_id="cb"))
    _answers(bolt, response_action="errors", errors={"what": "Say more."})
    assert alex.submits(opened(alex), {"why": "x"}).error == TROUBLE


def test_an_answer_may_push_update_or_clear(bolt: App, alex: Person) -> None:
    opens(bolt, modal(text_field("why"), callback_id="cb"))
    bolt.view("cb")(lambda ack: ack(response_action="push", view=modal(section("second"), callback_id="two")))
    bolt.view("two")(lambda ack: ack(response_action="update", view=modal(section("third"), callback_id="three")))
    bolt.view("three")(lambda ack: ack(response_action="clear"))
    second = alex.submits(opened(alex), {"why": "x"}).view
    assert second is not None
    third = alex.submits(second).view
    assert third is not None
    assert (second.words, third.words, third.id == second.id, alex.submits(third).view) == (
        "second",
        "third",
        True,
        None,
    )


def test_a_view_slack_would_refuse_as_an_answer_is_trouble(bolt: App, alex: Person) -> None:
    opens(bolt, modal(text_field("why"), callback_id="cb"))
    _answers(bolt, response_action="push", view={"type": "modal", "title": plain("t" * 25), "blocks": []})
    assert alex.submits(opened(alex), {"why": "x"}).error == TROUBLE


def test_a_submission_nobody_confirms_keeps_the_modal_open(bolt: App, alex: Person) -> None:
    opens(bolt, modal(text_field("why"), callback_id="unheard"))
    outcome = alex.submits(opened(alex), {"why": "x"})
    assert (outcome.error, outcome.view == alex.view, alex.view is None) == (TROUBLE, True, False)


def test_closing_is_told_only_where_the_view_asks_for_it(bolt: App, alex: Person, receiver: Receiver) -> None:
    closed: list[Any] = []
    opens(bolt, modal(section("x"), callback_id="cb", notify_on_close=True))

    @bolt.view_closed("cb")
    def gone(ack, body):  # type: ignore[no-untyped-def]
        closed.append(body["is_cleared"])
        ack()

    alex.closes(opened(alex))
    alex.closes(opened(alex), whole_stack=True)
    assert (closed, alex.view) == ([False, True], None)


def test_an_input_that_dispatches_tells_its_view_what_is_typed(bolt: App, alex: Person) -> None:
    seen: list[Any] = []
    opens(bolt, modal({**text_field("why"), "dispatch_action": True}, text_field("other"), callback_id="cb"))

    @bolt.action("text")
    def typed(ack, action, body):  # type: ignore[no-untyped-def]
        seen.append((action["value"], body["view"]["state"]["values"]["why"]["text"]["value"]))
        ack()

    view = opened(alex)
    alex.clicks(view, "text", "half", block_id="why")
    with pytest.raises(NotOffered, match="does not dispatch"):
        alex.clicks(view, "text", "half", block_id="other")
    assert seen == [("half", "half")]


def test_a_closed_view_can_no_longer_be_used(bolt: App, alex: Person, sam: Person) -> None:
    opens(bolt, modal(text_field("why"), callback_id="cb"))
    view = opened(alex)
    with pytest.raises(NotOffered, match="no longer open"):
        sam.submits(view, {"why": "x"})
    alex.closes(view)
    with pytest.raises(NotOffered, match="no longer open"):
        alex.submits(view, {"why": "x"})


# --- elsewhere ------------------------------------------------------------------------------------------


def test_opening_the_home_tab_shows_what_the_app_publishes(bolt: App, alex: Person) -> None:
    tabs: list[Any] = []

    @bolt.event("app_home_opened")
    def home(event, client):  # type: ignore[no-untyped-def]
        tabs.append((event["tab"], "view" in event))
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [section("2 due")]})

    first, second = alex.opens_home(), alex.opens_home()
    assert first is not None
    assert second is not None
    assert (first.words, first.id == second.id, tabs) == ("2 due", True, [("home", False), ("home", True)])


def test_a_message_shortcut_brings_the_message(bolt: App, alex: Person) -> None:
    seen: list[Any] = []

    @bolt.shortcut({"type": "message_action", "callback_id": "make_action"})
    def shortcut(ack, shortcut):  # type: ignore[no-untyped-def]
        seen.append((shortcut["message"]["text"], shortcut["message_ts"]))
        ack()

    said = alex.says("C1", "ring the GP")
    assert alex.uses_shortcut("make_action", message=said).error is None
    assert seen == [("ring the GP", said.ts)]
    with pytest.raises(NotOffered, match="no global shortcut make_action"):
        alex.uses_shortcut("make_action")


def test_a_channel_is_read_by_members_and_public_ones_by_colleagues_but_not_guests(
    over_http: Workspace, alex: Person, sam: Person
) -> None:
    alex.says("C2", "private")
    place = over_http.add_channel("open", ["U1"])
    alex.says(place, "public")
    guest = over_http.add_user("guest", is_guest=True)
    shown = [[m.text for m in person.messages(c)] for person in (alex, sam, guest) for c in ("C2", place)]
    assert shown == [["private"], ["public"], [], ["public"], [], []]


def test_waiting_ends_with_what_was_wanted_or_in_vain(bolt: App, alex: Person, sam: Person) -> None:
    alex.says("C1", "hello")
    assert [m.text for m in sam.waits_for(lambda: sam.messages("C1"))] == ["hello"]
    with pytest.raises(TimeoutError):
        sam.waits_for(lambda: False, seconds=0.05)


def test_an_app_whose_messages_tab_is_read_only_cannot_be_written_to(manifest: Json) -> None:
    manifest["features"]["app_home"]["messages_tab_read_only_enabled"] = True
    workspace = Workspace(manifest)
    alex = workspace.add_user("alex")
    with pytest.raises(NotOffered, match="turned off"):
        alex.says(alex.direct, "hello")


def test_a_response_url_replaces_the_clicked_message(bolt: App, alex: Person) -> None:
    @bolt.action("go_yes")
    def go(ack, respond):  # type: ignore[no-untyped-def]
        ack()
        respond(text="done", replace_original=True)

    bolt.client.chat_postMessage(channel="C1", text="?", blocks=[buttons("yes")])
    alex.clicks(alex.messages("C1")[0], "go_yes")
    assert [(m.text, m.actions, m.edited) for m in alex.messages("C1")] == [("done", (), True)]


def test_waiting_may_ask_the_workspace_itself(bolt: App, alex: Person) -> None:
    assert alex.waits_for(lambda: bolt.client.auth_test()["ok"]) is True
