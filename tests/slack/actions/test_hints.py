"""A message that mentions the bot and reads like an action: its author is offered to record it, and nobody else."""

import pytest

from bot.practice.workspace.sights import SeenMessage
from tests.slack.actions.test_commands import labels, reads
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL, OTHER_CHANNEL, STRANGER

READS_LIKE = "That reads like an action, but I haven't recorded it."


def hints(scene: Scene, user_id: str, channel: str = CHANNEL) -> list[SeenMessage]:
    """Return the hints that a person sees in a channel, once nothing is under way."""
    scene.settled()
    return [one for one in scene.person(user_id).messages(channel) if one.words.startswith(READS_LIKE)]


def mentions(scene: Scene, user_id: str, words: str, channel: str = CHANNEL) -> None:
    """Say something that mentions the bot, and wait until it was taken."""
    person, sent = scene.person(user_id), len(scene.workspace.deliveries)
    person.says(channel, f"<@{scene.workspace.state.bot.id}> {words}")
    person.waits_for(lambda: all(one.attempts for one in scene.workspace.deliveries[sent:]) or None)


def test_the_author_alone_sees_it(either: Scene) -> None:
    mentions(either, "U3", "ACTION: Sam to ring the school & ask by Friday case:SAMPLE-0001")
    reads(either, "U3", READS_LIKE)
    (hint,) = hints(either, "U3")
    assert hint.ephemeral
    assert labels(hint) == ["Record it"]
    assert hints(either, "U1") == hints(either, "U2") == []


def test_the_offered_command_records_the_words(scene: Scene) -> None:
    mentions(scene, "U3", "ACTION: Sam to ring the school & ask by Friday")
    hint = reads(scene, "U3", READS_LIKE)
    assert hint.words == (
        f"{READS_LIKE} *Record it* types this for you:\n>/action add <@U2> ring the school &amp; ask by Friday\n"
        "Record it"
    )
    scene.person("U3").clicks(hint, "command.again:0")
    done = reads(scene, "U3", "*Action 1* recorded for <@U2> (Health)")
    assert ">ring the school &amp; ask\nDue *Friday 27 November 2026 (in 4 days)*" in done.words
    assert hints(scene, "U3") == []


def test_without_a_label_a_holder_and_a_day_are_enough(scene: Scene) -> None:
    mentions(scene, "U3", "Sam to ring the school by Friday")
    assert labels(reads(scene, "U3", READS_LIKE)) == ["Record it"]


def test_what_is_missing_is_said(scene: Scene) -> None:
    mentions(scene, "U3", "ACTION: Farah to ring mum on 07700 900123")
    assert reads(scene, "U3", READS_LIKE).words == (
        f"{READS_LIKE}\n"
        "• I don't know who Farah is. Choose a member of the panel.\n"
        "• I left out a phone number. Use the case reference instead.\n"
        "• I couldn't see a due date.\n"
        "• I couldn't see who should do it.\n"
        "Choose *Record as action* in the message's menu: the form opens with the message's words filled in."
    )


@pytest.mark.parametrize(
    ("user_id", "words", "channel"),
    [
        ("U3", "thanks, see you on Friday", CHANNEL),
        ("U3", "ACTION: Sam to ring the school by Friday", OTHER_CHANNEL),  # of no panel
        ("U5", "ACTION: Sam to ring the school by Friday", CHANNEL),  # an observer
        ("U6", "ACTION: Sam to ring the school by Friday", CHANNEL),  # without a place
        (STRANGER, "ACTION: Sam to ring the school by Friday", CHANNEL),
    ],
)
def test_who_gives_no_actions_there_gets_no_answer(scene: Scene, user_id: str, words: str, channel: str) -> None:
    mentions(scene, user_id, words, channel)
    assert hints(scene, user_id, channel) == []
    assert scene.effects() == []


def test_what_does_not_mention_the_bot_is_not_heard(scene: Scene) -> None:
    scene.person("U3").says(CHANNEL, "ACTION: Sam to ring the school by Friday")
    assert [one for one in scene.workspace.deliveries if "event" in one.payload] == []


def test_the_words_of_a_hint_are_not_in_the_outbox(scene: Scene) -> None:
    mentions(scene, "U3", "ACTION: Sam to ring the school by Friday")
    reads(scene, "U3", READS_LIKE)
    with scene.store.reading() as work:
        rows = work.session.connection().exec_driver_sql("SELECT payload FROM outbox").scalars().all()
    assert len(rows) == 1
    assert "ring" not in str(rows[0])
