"""Several decisions on one case as they are recorded in Slack: beside each other, in each other's place, taken back."""

from datetime import UTC, datetime

from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL
from tests.slack.test_cycle import flag, go_to_case, open_quorate, opened


def test_a_decision_is_added_put_in_anothers_place_and_taken_back(either: Scene) -> None:
    scene = either
    alex, kim = scene.person("U1"), scene.person("U3")
    flag(scene)
    triage = opened(alex.types(CHANNEL, "/agenda triage").view)
    alex.clicks(triage, next(action for action in triage.actions if action.startswith("agenda.accept:")))
    scene.clock.move_to(datetime(2026, 12, 10, 14, 0, tzinfo=UTC))
    open_quorate(scene)
    go_to_case(scene)

    form = opened(kim.types(CHANNEL, "/meeting decide").view)
    assert "Takes the place of" not in form.words
    done = opened(kim.submits(form, {"kind": "retain", "rationale": "Contact is new.", "review": "in 3 months"}).view)
    assert "`/meeting decide` adds another decision" in done.words
    kim.closes(done)
    late = opened(alex.types(CHANNEL, "/meeting decide").view)

    form = opened(kim.types(CHANNEL, "/meeting decide").view)
    assert "Takes the place of" in form.words
    referred = {"kind": "nrm", "rationale": "Moved to sell drugs.", "review": "Friday 18 December"}
    done = opened(kim.submits(form, referred).view)
    assert "*SAMPLE-0012*: NRM referral, by Fri 18 Dec 2026." in done.words
    assert "Beside it: retain and review by Wed 10 Mar 2027." in done.words
    kim.closes(done)

    form = opened(kim.types(CHANNEL, "/meeting decide").view)
    closed = {"kind": "close", "rationale": "He is eighteen.", "close_reason": "turned_18"}
    wrong = kim.submits(form, closed)
    assert list(wrong.errors) == ["adult_route"]
    wrong = kim.submits(opened(wrong.view), {"adult_route": "adult_services"})
    assert wrong.errors["replaces"].startswith("Already decided here: retain and review by Wed 10 Mar 2027.")
    assert "retain" not in wrong.errors["replaces"].partition("2027.")[2]
    retained = _options(opened(wrong.view).blocks)["Retain and review by Wed 10 Mar 2027"]
    done = opened(kim.submits(opened(wrong.view), {"replaces": [retained]}).view)
    assert "*SAMPLE-0012*: close (turned 18, adult services)." in done.words
    kim.closes(done)
    card = kim.types(CHANNEL, "/meeting now").replies[0].words
    assert "retain and review" not in card
    assert "*Decided:* NRM referral, by Fri 18 Dec 2026" in card

    # What was opened before another decision was recorded says what to do, though it has no field to say it with.
    said = alex.submits(late, {"kind": "step_down", "rationale": "Settled."}).errors
    assert [one.startswith("Already decided here: close (turned 18, adult services).") for one in said.values()] == [
        True
    ]
    alex.closes(late)

    undone = kim.types(CHANNEL, "/meeting undo").text
    assert undone.startswith("Your decision on SAMPLE-0012 (close (turned 18, adult services)) is taken back; ")
    assert "In force again, as it had taken its place: retain and review by Wed 10 Mar 2027." in undone
    card = kim.types(CHANNEL, "/meeting now").replies[0].words
    assert "*Decided:* retain and review by Wed 10 Mar 2027" in card
    closing = kim.types(CHANNEL, "/meeting close now").text
    assert "2 decisions" in closing
    assert "• SAMPLE-0012: retain and review by Wed 10 Mar 2027; NRM referral, by Fri 18 Dec 2026" in closing


def _options(blocks: tuple[dict, ...]) -> dict[str, str]:  # type: ignore[type-arg]  # as Slack has them
    """The options of "Takes the place of": label to value."""
    (field,) = [block for block in blocks if block.get("block_id") == "replaces"]
    return {one["text"]["text"]: one["value"] for one in field["element"]["options"]}


def test_a_referral_is_recorded_from_the_card_and_followed_by_command(scene: Scene) -> None:
    alex, kim, sam = scene.person("U1"), scene.person("U3"), scene.person("U2")
    flag(scene)
    triage = opened(alex.types(CHANNEL, "/agenda triage").view)
    alex.clicks(triage, next(action for action in triage.actions if action.startswith("agenda.accept:")))
    scene.clock.move_to(datetime(2026, 12, 10, 14, 0, tzinfo=UTC))
    open_quorate(scene)
    card = go_to_case(scene)
    assert not any(action.startswith("case.nrm") for action in card.actions)
    assert "has not decided on an NRM referral of SAMPLE-0012" in sam.types(CHANNEL, "/case nrm SAMPLE-0012").text
    form = opened(kim.types(CHANNEL, "/meeting decide").view)
    kim.closes(opened(kim.submits(form, {"kind": "nrm", "rationale": "Moved to sell drugs."}).view))
    card = kim.types(CHANNEL, "/meeting now").replies[0]
    form = opened(kim.clicks(card, next(one for one in card.actions if one.startswith("case.nrm"))).view)
    assert "This is another referral" not in form.words
    given = {"referred_on": "2026-12-09", "organisation": "police", "route": "pilot_panel"}
    wrong = kim.submits(form, {**given, "reasonable": "positive"})
    assert wrong.errors == {"reasonable_on": "On which day was it decided on reasonable grounds?"}
    done = opened(kim.submits(opened(wrong.view), {"reasonable": "awaited"}).view)
    line = "Referred Wed 9 Dec 2026 by police, local pilot panel"
    assert f"• {line} · reasonable grounds awaited" in done.words
    kim.closes(done)
    assert line in kim.types(CHANNEL, "/meeting now").replies[0].words

    scene.clock.move_to(datetime(2026, 12, 17, 14, 0, tzinfo=UTC))
    form = opened(sam.types(CHANNEL, "/case nrm SAMPLE-0012").view)
    assert "If you leave this empty, you change the referral of Wed 9 Dec 2026." in form.words
    changed = {"reasonable": "positive", "reasonable_on": "2026-12-16", "guardian": "yes"}
    sam.closes(opened(sam.submits(form, changed).view))
    form = opened(sam.types(CHANNEL, "/case nrm SAMPLE-0012").view)
    another = {"again": ["again"], "referred_on": "2026-12-17", "reasonable": "awaited", "reasonable_on": None}
    said = opened(sam.submits(form, another).view).words
    assert "Wed 9 Dec 2026 by police, local pilot panel · reasonable grounds positive Wed 16 Dec 2026" in said
    assert "Thu 17 Dec 2026 by police, local pilot panel · reasonable grounds awaited" in said
