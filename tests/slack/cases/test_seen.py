"""Who has read a case, as its chair asks it in Slack; and refusals, which name the case and the account."""

from sqlmodel import col

from bot.models.bookkeeping import AuditEntry
from bot.models.people import Person
from bot.slack.pages import LINES
from tests.county import TEAM
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL, STRANGER
from tests.slack.test_cycle import flag


def _last_refusal(scene: Scene) -> AuditEntry:
    is_refused = col(AuditEntry.outcome) == "refused"
    with scene.store.reading() as work:
        (entry,) = work.find_all(AuditEntry, is_refused, by=[col(AuditEntry.id).desc()], most=1)
        work.session.expunge(entry)
        return entry


def test_a_chair_sees_who_has_read_a_case(scene: Scene) -> None:
    flag(scene)
    alex = scene.person("U1")
    unread = alex.types(CHANNEL, "/case seen SAMPLE-0012")
    assert unread.text == "Nobody has read *SAMPLE-0012* yet."
    scene.person("U2").types(CHANNEL, "/case history SAMPLE-0012")
    scene.person("U2").types(CHANNEL, "/case list")
    scene.person("U3").types(CHANNEL, "/case list")
    seen = alex.types(CHANNEL, "/case seen sample-0012 west-met")
    assert seen.replies[0].ephemeral
    assert seen.text == (
        "*SAMPLE-0012* was read by 2 people, the latest first:\n"
        "• Kim (Social Care) · once · last on Mon 23 Nov 2026, 09:00\n"
        "• Sam (Health) · 2 times · last on Mon 23 Nov 2026, 09:00"
    )
    assert scene.audit()[-1] == ("list", "audit", "done")


def test_a_long_list_of_readers_is_turned_in_its_place(scene: Scene) -> None:
    flag(scene)
    with scene.store.work() as work:
        agency_id = work.session.get_one(Person, scene.county.person["nurse"]).agency_id
        for number in range(LINES + 2):
            facts = {"key": f"p{number}", "name": f"Person {number:02}", "team_id": TEAM, "user_id": f"UP{number}"}
            person = Person(agency_id=agency_id, enrolled_at=work.now, **facts)
            work.session.add(person)
            work.session.flush()
            work.audit("read", "case", 1, actor_id=person.id)
    alex = scene.person("U1")
    first = alex.types(CHANNEL, "/case seen SAMPLE-0012").replies[0]
    assert ("1 to 40 of 42" in first.words, "Person 39" in first.words, "Person 40" in first.words) == (
        True,
        True,
        False,
    )
    assert alex.clicks(first, next(one for one in first.actions if one.endswith("|0.40"))).error is None

    def turned() -> str | None:
        (now,) = [one for one in alex.messages(CHANNEL) if one.ts == first.ts]
        return now.words if now.words != first.words else None

    second = alex.waits_for(turned)
    assert ("41 to 42 of 42" in second, "Person 41" in second) == (True, True)


def test_others_are_told_who_may_ask_and_the_refusal_names_case_panel_and_account(scene: Scene) -> None:
    flag(scene)
    for user_id, key in (("U2", "nurse"), ("U3", "coordinator")):
        told = scene.person(user_id).types(CHANNEL, "/case seen sample-0012 west-met").text
        assert told.startswith("Only the chair or the vice-chair of a panel that hears a case can see who has read it.")
        entry = _last_refusal(scene)
        assert (entry.verb, entry.noun, entry.case_id, entry.panel_id, entry.account, entry.actor_id) == (
            "seen",
            "case",
            1,
            scene.county.west_id,
            f"{TEAM}.{user_id}",
            scene.county.person[key],
        )
    absent = scene.person("U1").types(CHANNEL, "/case seen SAMPLE-9999").text
    assert "SAMPLE-9999" in absent
    assert (_last_refusal(scene).case_id, _last_refusal(scene).account) == (None, f"{TEAM}.U1")


def test_a_strangers_refusal_names_the_account_and_the_case(scene: Scene) -> None:
    flag(scene)
    scene.person(STRANGER).types(CHANNEL, "/case history `SAMPLE-0012`")
    entry = _last_refusal(scene)
    assert (entry.actor_id, entry.case_id, entry.account) == (None, 1, f"{TEAM}.{STRANGER}")
