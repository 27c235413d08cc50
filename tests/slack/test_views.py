"""Frozen views in, Block Kit out: whole values."""

from datetime import date

from bot.domain.states import Rag
from bot.models.vocabulary import ActionKind, ActionState, Priority
from bot.records.actions.queries import ActionView
from bot.services.actions.tracker import ActionList
from bot.slack import blocks
from bot.slack.actions import views
from bot.slack.pages import Starts


def an_action(number: int = 12, text: str = "ring the school nurse", **more: object) -> ActionView:
    facts: dict[str, object] = {
        "id": number,
        "kind": ActionKind.OTHER,
        "text": text,
        "state": ActionState.OPEN,
        "rag": Rag.AMBER,
        "priority": Priority.NORMAL,
        "due_on": date(2026, 11, 27),
        "today": date(2026, 11, 23),
        "holder_id": 2,
        "holder_name": "Sam",
        "holder_user_id": "U2",
        "agency_id": 2,
        "agency_name": "Health",
        "panel_id": 1,
        "panel_key": "west-met",
        "panel_title": "West Operational MET",
        "case_id": None,
        "case_reference": None,
        "extensions": 0,
        "agreed_on": date(2026, 11, 20),
    }
    return ActionView(**{**facts, **more})  # type: ignore[arg-type]


def test_a_menu_of_more_than_a_hundred_is_grouped() -> None:
    many = [(str(number), f"Agency {number:03}") for number in range(136)]
    menu = blocks.select(many, initial="120")
    assert "options" not in menu
    assert [(group["label"]["text"], len(group["options"])) for group in menu["option_groups"]] == [
        ("Agency 000 … Agency 099", 100),
        ("Agency 100 … Agency 135", 36),
    ]
    assert menu["initial_option"] == menu["option_groups"][1]["options"][20]
    assert len(blocks.select(many[:100])["options"]) == 100


def test_more_lines_than_a_message_holds_are_counted() -> None:
    lines = [f"line {number:03} {'x' * 90}" for number in range(112)]
    text = blocks.within_a_message(lines, "Ask for one.")
    assert len(text) < 10_100
    assert text.endswith("\n… and 12 more. Ask for one.")
    assert blocks.within_a_message(lines[:99], "Ask for one.") == "\n".join(lines[:99])


def test_one_line_of_a_list() -> None:
    assert views.line(an_action()) == (
        "*12* ring the school nurse\n:large_orange_circle: due soon · Fri 27 Nov 2026 · Sam, Health"
    )
    urgent = an_action(
        text="ask <@U1> & <!channel>",
        kind=ActionKind.INTELLIGENCE,
        priority=Priority.HIGH,
        state=ActionState.CONFIRMED,
        rag=Rag.BLUE,
        case_id=1,
        case_reference="SAMPLE-0012",
    )
    assert views.line(urgent) == (
        "*12* ask &lt;@U1&gt; &amp; &lt;!channel&gt;\n"
        ":large_blue_circle: · Fri 27 Nov 2026 · Sam, Health · SAMPLE-0012 · intelligence submission · "
        "*high priority* · done and accepted"
    )


def test_an_empty_list_is_a_sentence() -> None:
    assert views.listed(ActionList("Overdue actions of West Operational MET", ())) == (
        "Overdue actions of West Operational MET: none.",
        (),
    )


def test_a_list_of_one() -> None:
    assert views.listed(ActionList("Open actions", (an_action(),), count=1)) == (
        "Open actions: 1",
        (
            {"type": "header", "text": {"type": "plain_text", "text": "Open actions (1)", "emoji": False}},
            {
                "type": "section",
                "text": {
                    "type": "mrkdwn",
                    "text": "*12* ring the school nurse\n"
                    ":large_orange_circle: due soon · Fri 27 Nov 2026 · Sam, Health",
                },
                "accessory": {
                    "type": "button",
                    "text": {"type": "plain_text", "text": "Show", "emoji": False},
                    "action_id": "action.show:12",
                    "value": "12",
                },
            },
        ),
    )


def test_a_long_list_says_how_many_there_are_and_turns() -> None:
    many = ActionList("Open actions", tuple(an_action(number) for number in range(1, 25)), 300, 24, "open", "west-met")
    _, made = views.listed(many, Starts((0, 24)))
    assert len(made) == 27
    assert made[0]["text"]["text"] == "Open actions (300)"
    assert made[-2]["elements"][0]["text"] == "25 to 48 of 300"
    assert [(one["text"]["text"], one["value"]) for one in made[-1]["elements"]] == [
        ("Previous", "open|west-met|0"),
        ("Next", "open|west-met|0.24.48"),
    ]


def test_a_wordy_list_stays_within_what_a_message_holds() -> None:
    wordy = tuple(an_action(number, "x" * 1000) for number in range(1, 25))
    _, made = views.listed(ActionList("Open actions", wordy, count=40))
    assert sum(len(text) for block in made for text in blocks.texts(block)) < 11_000
    assert made[-2]["elements"][0]["text"] == "1 to 9 of 40"
    assert [one["value"] for one in made[-1]["elements"]] == ["open||0.9"]


def test_a_list_that_has_become_shorter_turns_back_to_what_is_there() -> None:
    rest = ActionList("Open actions", (an_action(),), 5, 4, "mine")
    _, made = views.listed(rest, Starts((0, 2, 24)))
    assert made[-2]["elements"][0]["text"] == "5 to 5 of 5"
    assert [one["value"] for one in made[-1]["elements"]] == ["mine||0.2"]


def test_what_a_holder_is_told() -> None:
    text, made, shown = views.given([an_action(case_id=1, case_reference="SAMPLE-0012")])
    assert (text, shown) == ("Action 12 is yours, due Fri 27 Nov 2026.", 1)
    assert made == (
        {
            "type": "section",
            "text": {
                "type": "mrkdwn",
                "text": "Yours now, from West Operational MET:\n"
                "*Action 12* · other · SAMPLE-0012\n"
                ":large_orange_circle: due soon · Fri 27 Nov 2026 (in 4 days) · Health · open",
            },
        },
        {
            "type": "actions",
            "elements": [
                {
                    "type": "button",
                    "text": {"type": "plain_text", "text": "Done", "emoji": False},
                    "action_id": "action.done:12",
                    "value": "12",
                    "style": "primary",
                },
                {
                    "type": "button",
                    "text": {"type": "plain_text", "text": "More time", "emoji": False},
                    "action_id": "action.more_time:12",
                    "value": "12",
                },
                {
                    "type": "button",
                    "text": {"type": "plain_text", "text": "Another answer", "emoji": False},
                    "action_id": "action.answer:12",
                    "value": "12",
                },
                {
                    "type": "button",
                    "text": {"type": "plain_text", "text": "Open", "emoji": False},
                    "action_id": "action.show:12",
                    "value": "12",
                },
            ],
        },
    )


def test_an_answered_row_of_buttons_gives_way_to_the_answer() -> None:
    before = [{"type": "section", "block_id": "a"}, {"type": "actions", "block_id": "b"}]
    assert blocks.settled(before, "b", "Done.") == (before[0], blocks.context("Done."))


def test_days_are_short_and_carry_their_weekday() -> None:
    assert blocks.day(date(2026, 2, 1)) == "Sun 1 Feb 2026"


def test_text_too_long_for_slack_ends_in_an_ellipsis() -> None:
    assert blocks.cut("abcdef", 4) == "abc…"
    assert len(blocks.section("x" * 4000)["text"]["text"]) == 3000
