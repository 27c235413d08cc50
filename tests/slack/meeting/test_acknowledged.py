"""Giving an action in an open meeting: the child that is discussed is told to those who accepted the statement."""

from bot.practice.workspace.sights import SeenMessage
from bot.slack.meeting.statement_views import whole_statement
from tests.slack.conftest import Scene, comes_true
from tests.slack.county import CHANNEL
from tests.slack.home.test_home import action, home_of
from tests.slack.meeting.test_board import answer, begin, pressing, settled_board
from tests.slack.meeting.test_duties import offered
from tests.slack.test_cycle import go_to_case, opened

ASKED = (
    "In an open meeting, an action belongs to the item being discussed. Before you add an action, say that you are "
    "here and accept the confidentiality statement."
)
TYPED = "/action add @jo ring the school nurse by Friday 18 December"


def discussing(scene: Scene) -> None:
    """Open the meeting without the midwife, and go to the case."""
    begin(scene)
    go_to_case(scene)


def read_by(scene: Scene, user_id: str, words: str) -> SeenMessage:
    """Return the message with these words, once this person has it."""
    person = scene.person(user_id)
    return comes_true(lambda: next((one for one in person.messages(CHANNEL) if words in one.words), None))


def test_an_action_is_given_once_its_author_has_accepted_the_statement(either: Scene) -> None:
    scene = either
    discussing(scene)
    jo = scene.person("U4")
    refused = jo.types(CHANNEL, TYPED).replies[0]
    assert refused.words.splitlines()[0] == f"*{ASKED}*"
    assert "SAMPLE-0012" not in refused.words
    assert offered(refused) == ["meeting.acknowledge", "command.again"]
    assert "Action 1" not in settled_board(scene).words
    # With the number of an item it is the same: neither the child nor how many items there are is told.
    numbered = jo.types(CHANNEL, TYPED.replace("add", "add item 99:")).replies[0]
    assert numbered.words.splitlines()[0] == f"*{ASKED}*"

    jo.clicks(refused, pressing(refused, "meeting.acknowledge"))
    jo.clicks(refused, "command.again:0")
    done = read_by(scene, "U4", "*Action 1* recorded about SAMPLE-0012 for <@U4> (Health)")
    assert ">ring the school nurse\n" in done.words


def test_a_case_that_its_author_names_is_no_news_to_them(scene: Scene) -> None:
    discussing(scene)
    jo = scene.person("U4")
    assert jo.types(CHANNEL, f"{TYPED} case:SAMPLE-0012").text.startswith(
        "*Action 1* recorded about SAMPLE-0012 for <@U4> (Health)"
    )


def test_a_form_asks_for_the_statement_and_keeps_what_was_typed(scene: Scene) -> None:
    discussing(scene)
    jo = scene.person("U4")
    message = jo.says(CHANNEL, "ACTION: <@U4> to ring the school nurse by Friday 18 December")
    form = opened(jo.uses_shortcut("action.record", message=message).view)
    asked = opened(jo.submits(form, {"priority": "high"}).view)
    assert ASKED in asked.words
    assert "SAMPLE-0012" not in asked.words
    thanks = opened(jo.clicks(asked, pressing(asked, "meeting.acknowledge")).view)
    assert thanks.words.startswith("Thank you.")
    jo.closes(thanks)
    done = opened(jo.submits(asked, {}).view)
    assert "*Action 1* recorded about SAMPLE-0012 for <@U4> (Health)" in done.words
    assert ">ring the school nurse\nDue *Friday 18 December 2026" in done.words


def test_action_on_the_board_gives_the_statement_with_its_button(scene: Scene) -> None:
    discussing(scene)
    asked = answer(scene, "U4", settled_board(scene), "action.for_item")
    assert offered(asked) == ["meeting.acknowledge"]
    assert "SAMPLE-0012" not in asked.words


def statement_of(scene: Scene) -> str:
    """Return the confidentiality statement of the panel's kind, with its paragraphs as one line each."""
    with scene.store.reading() as work:
        return work.definition("district-operational-met").confidentiality.strip()


def state_of(scene: Scene, name: str) -> str:
    """Return what `/meeting room` says of a member."""
    room = scene.person("U1").types(CHANNEL, "/meeting room").replies[0].words
    return next(line.partition(":")[0] for line in room.splitlines() if name in line)


def test_once_the_statement_has_left_the_board_it_is_shown_before_it_is_accepted(scene: Scene) -> None:
    begin(scene)
    statement = statement_of(scene)
    assert statement in settled_board(scene).words
    go_to_case(scene)
    board = settled_board(scene)
    assert statement not in board.words
    assert "meeting.acknowledge" not in offered(board)
    jo = scene.person("U4")
    form = opened(jo.clicks(board, pressing(board, "meeting.here")).view)
    assert form.title == "Before you join"
    assert "With I accept, and I'm here you accept this statement" in form.words.replace("*", "")
    assert statement in form.words
    assert state_of(scene, "Jo") == "No word from"
    jo.closes(form)
    assert state_of(scene, "Jo") == "No word from"

    form = opened(jo.clicks(board, pressing(board, "meeting.here")).view)
    thanks = opened(jo.submits(form, {}).view)
    assert thanks.words.startswith("Thank you. You are recorded as attending West Operational MET.")
    assert state_of(scene, "Jo") == "Present"
    assert "Health 2" in settled_board(scene).words


def test_a_member_who_comes_back_and_has_accepted_is_not_asked_again(scene: Scene) -> None:
    begin(scene)
    go_to_case(scene)
    kim = scene.person("U3")
    kim.submits(opened(kim.types(CHANNEL, "/meeting attendance").view), {"left": ["U2"], "at": "14:00"})
    assert "Health" not in settled_board(scene).words.partition("Here:")[2]
    told = answer(scene, "U2", settled_board(scene), "meeting.here")
    assert told.words.startswith("Thank you. You are recorded as attending West Operational MET.")
    assert "Health 1" in settled_board(scene).words.partition("Here:")[2]


def test_home_shows_the_statement_before_it_is_accepted(scene: Scene) -> None:
    begin(scene)
    jo = scene.person("U4")
    home = home_of(scene, "U4", "West Operational MET")
    form = opened(jo.clicks(home, action(home, "meeting.here")).view)
    assert statement_of(scene) in form.words
    jo.submits(form, {})
    assert state_of(scene, "Jo") == "Present"
    home = home_of(scene, "U4", "West Operational MET")
    assert [one for one in home.actions if one.startswith("meeting.here")] == []


def test_the_first_item_and_the_forms_that_say_that_it_was_read_out_show_the_statement(scene: Scene) -> None:
    begin(scene)
    statement, kim = statement_of(scene), scene.person("U3")
    first = kim.types(CHANNEL, "/meeting next").replies[0]
    assert "Read the confidentiality statement." in first.words
    assert statement in first.words
    assert statement not in kim.types(CHANNEL, "/meeting item 2").replies[0].words
    for typed in ("/meeting attendance", "/meeting guest"):
        form = opened(kim.types(CHANNEL, typed).view)
        assert statement in form.words, typed
        kim.closes(form)


def test_a_long_statement_is_shown_to_its_last_word() -> None:
    words = "\n\n".join(f"Paragraph {number} " + "of what everyone accepts here " * 12 for number in range(10)) + "END"
    assert 3000 < len(words) <= 4000
    blocks = whole_statement(words)
    shown = [block["text"]["text"] for block in blocks]
    assert all(len(one) <= 3000 for one in shown)
    assert " ".join(shown).split() == words.split()
    assert "\n\nParagraph 1 " in shown[0]
