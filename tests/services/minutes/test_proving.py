"""Proving minutes in the terminal: the digest on paper is that of what was approved, also after an erasure."""

import os
from base64 import b64encode
from datetime import date, time

import pytest
from sqlmodel import col

from bot.errors import Misconfigured
from bot.models.bookkeeping import AuditEntry
from bot.models.minutes import Minutes
from bot.services.minutes import papers
from bot.services.minutes.proof import digest_now
from bot.services.minutes.proving import prove_minutes
from tests.conftest import MASTER_KEY
from tests.county import WEST
from tests.processes import run_panelbot
from tests.services.conftest import Play
from tests.services.minutes.test_proof import _alter, approved, erase, proof
from tests.services.minutes.test_two_on_one_day import twice

__all__ = ["approved", "twice"]  # fixtures

DAY = date(2026, 3, 24)


def refused(play: Play, panel: str = "west-met", day: date = DAY, at: time | None = None) -> tuple[str, ...]:
    with pytest.raises(Misconfigured) as refusal, play.store.work() as work:
        prove_minutes(work, panel, day, at)
    return refusal.value.faults


def test_an_approved_version_is_proved_also_after_an_erasure_and_that_is_audited(approved: Play) -> None:
    printed = proof(approved).digest
    approved.at(3, 30)
    erase(approved, "WEST-0002")
    with approved.store.work() as work:
        found = prove_minutes(work, "WEST-MET", DAY)
    assert (found.panel_title, found.starts_at.isoformat(), found.version, found.approved_on) == (
        "West Operational MET",
        "2026-03-24T14:00:00+00:00",
        1,
        DAY,
    )
    assert found.proof == proof(approved)
    assert (found.proof.digest, found.proof.erased, found.proof.faults) == (printed, 1, ())
    assert approved.audited("prove") == [("minutes", 1, "nobody")]


def test_which_minutes_cannot_be_proved_and_why(play: Play) -> None:
    assert refused(play, "nowhere") == ("nowhere: there is no panel with this key. The county file has all keys.",)
    assert refused(play) == ("West Operational MET held no meeting on 24 March 2026.",)
    play.at(3, 24, 14)
    play.holds({})
    said = "The minutes of West Operational MET, 24 March 2026, are {}. They get their digest when they are approved."
    assert refused(play) == (said.format("not drafted yet"),)
    play.does("minutetaker", papers.draft_minutes, WEST)
    assert refused(play) == (said.format("a draft"),)
    assert refused(play, at=time(9)) == (
        "West Operational MET met at 14:00 on 24 March 2026. Say which meeting with --at, such as --at 14:00.",
    )


def _from_before_digests(play: Play) -> None:
    with play.store.work() as work:
        (minutes,) = work.find_all(Minutes)
        minutes.digest = None
        work.session.add(minutes)


def test_a_version_from_before_digests_were_kept_says_so(approved: Play) -> None:
    _from_before_digests(approved)
    assert refused(approved) == (
        "The minutes of West Operational MET, 24 March 2026, were approved before digests were kept. They can't be "
        "proved.",
    )


@pytest.mark.databases("sqlite")
def test_of_two_meetings_on_one_day_the_time_says_which(twice: Play) -> None:
    met = "West Operational MET met at 14:00 and 17:00 on 24 March 2026."
    assert refused(twice) == (f"{met} Say which meeting with --at, such as --at 17:00.",)
    with twice.store.work() as work:
        digests = [prove_minutes(work, "west-met", DAY, at).proof.digest for at in (time(14), time(17))]
        assert digests == [one.digest for one in work.find_all(Minutes, by=[col(Minutes.id)])]


def approval(play: Play) -> tuple[int, str | None]:
    """Return the number of the audit entry of the approval, and the digest that the entry names."""
    with play.store.reading() as work:
        is_it = (col(AuditEntry.verb) == "approve", col(AuditEntry.noun) == "minutes")
        (entry,) = work.find_all(AuditEntry, *is_it)
        return entry.id, entry.sha256


def test_the_audit_names_the_digest_of_each_step_and_proves_it_too(approved: Play) -> None:
    with approved.store.work() as work:
        (minutes,) = work.find_all(Minutes)
        steps = work.find_all(AuditEntry, col(AuditEntry.noun) == "minutes", by=[col(AuditEntry.id)])
        assert [(one.verb, one.sha256) for one in steps] == [
            ("draft", minutes.digest),
            ("approve", minutes.digest),
            ("circulate", minutes.digest),
        ]
        found = prove_minutes(work, "west-met", DAY)
    assert (found.entry, found.proof.faults) == (approval(approved)[0], ())
    with approved.store.work() as work:  # as a person might who can write to the database
        (minutes,) = work.find_all(Minutes)
        minutes.version = 2
        minutes.digest = digest_now(work, minutes)
        work.session.add(minutes)
    with approved.store.work() as work:
        found = prove_minutes(work, "west-met", DAY)
    number, named = approval(approved)
    assert found.proof.faults == (f"Audit entry {number}, of the approval, names another digest: {named}.",)


def panelbot(play: Play, *words: str) -> tuple[int, list[str]]:
    """Run `panelbot minutes verify` on this county's own database. Return its exit status and its lines."""
    settings = {
        "PATH": os.environ["PATH"],
        "PANELBOT_DATABASE_URL": play.store.engine.url.render_as_string(hide_password=False),
        "PANELBOT_MASTER_KEY": b64encode(MASTER_KEY).decode(),
    }
    status, said = run_panelbot(("minutes", "verify", *words), settings)
    return status, said.splitlines()


@pytest.mark.databases("sqlite")
def test_the_terminal_says_what_is_proved_and_what_is_not(approved: Play) -> None:
    erase(approved, "WEST-0002")
    found = proof(approved)
    assert found.digest is not None
    number, _ = approval(approved)
    begins = [
        "West Operational MET, 24 March 2026, 14:00: minutes, version 1, approved on 24 March 2026.",
        f"Digest: {found.digest}",
    ]
    proved = [
        f"✓ All {found.parts} parts are as approved.",
        "  1 was removed under retention, and its digest is still what was approved.",
        f"✓ Audit entry {number}, of the approval, names this digest. `panelbot check` proves the audit.",
    ]
    assert panelbot(approved, "west-met", "2026-03-24") == (0, [*begins, *proved])
    broken = f"{found.digest[:32]} {found.digest[32:].upper()}"  # as a reader breaks it
    assert panelbot(approved, "west-met", "2026-03-24", "--at", "14:00", "--digest", broken) == (
        0,
        [*begins, *proved, "✓ The digest that you gave is that of this version."],
    )
    assert panelbot(approved, "west-met", "2026-03-24", "--digest", "0" * 64) == (
        1,
        [*begins, "✗ The digest that you gave is another one. Your paper isn't of this version, or was changed."],
    )
    with approved.store.work() as work:
        _alter(work)
    assert panelbot(approved, "west-met", "2026-03-24") == (1, [*begins, "✗ Part 0 is not what was approved."])


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("west-met", "yesterday"), "yesterday is not a day. Write it as 2027-01-31."),
        (("west-met", "2026-03-24", "--at", "two"), "--at: two is not a time. Write it as 14:00."),
        (
            ("west-met", "2026-03-24", "--digest", "2b5a"),
            "--digest: it has 64 digits and letters from a to f. Give all that the foot of the paper has.",
        ),
    ],
)
def test_what_is_typed_wrong_is_named(approved: Play, words: tuple[str, ...], said: str) -> None:
    assert panelbot(approved, *words) == (1, [f"✗ {said}"])
