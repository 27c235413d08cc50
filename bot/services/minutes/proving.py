"""Checking in the terminal that stored minutes are still what was approved, even after an erasure."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time

from sqlmodel import col

from bot.domain.language.day_words import date_words, listed
from bot.errors import Misconfigured
from bot.models.bookkeeping import AuditEntry
from bot.models.meetings import Meeting
from bot.models.minutes import Minutes
from bot.models.panels import Panel
from bot.models.vocabulary import MeetingState
from bot.records.access.queries import day_begins, day_ends, local_time
from bot.records.minutes.queries import IS_APPROVED, latest_version
from bot.services.minutes.proof import Proof, verify
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class Proved:
    """An approved version of minutes, and the result of its check."""

    panel_title: str
    starts_at: datetime  #: by the panel's clock
    version: int
    approved_on: date
    proof: Proof
    entry: int | None = None  #: the audit entry of the approval; none: from before such entries named a digest


def prove_minutes(work: Work, panel_key: str, day: date, at: time | None = None) -> Proved:
    """Check the approved minutes of the meeting that a panel held on a day, at the time `at` if there were two.

    The text is compared with its stored hashes, and shown to nobody. Raise Misconfigured for an unknown panel or
    meeting, or if the minutes are not approved.
    """
    panel = work.find(Panel, col(Panel.key) == panel_key.strip().lower())
    if panel is None:
        raise Misconfigured(f"{panel_key}: there is no panel with this key. The county file has all keys.")
    meeting = _held(work, panel, day, at)
    starts_at = local_time(work, panel, meeting.starts_at)
    minutes = work.find(Minutes, col(Minutes.meeting_id) == id_of(meeting), IS_APPROVED)
    if minutes is None or minutes.approved_at is None:
        so_far = "are a draft" if latest_version(work, meeting) else "are not drafted yet"
        raise Misconfigured(
            f"The minutes of {panel.title}, {date_words(day)}, {so_far}. They get their digest when they are approved."
        )
    proof = verify(work, minutes)
    if proof.digest is None:
        raise Misconfigured(
            f"The minutes of {panel.title}, {date_words(day)}, were approved before digests were kept. They can't be "
            "proved."
        )
    work.audit("prove", "minutes", minutes.id, panel_id=id_of(panel))
    approved_on = local_time(work, panel, minutes.approved_at).date()
    approval = _approval(work, minutes)
    if approval is not None and approval.sha256 != proof.digest:
        said = f"Audit entry {approval.id}, of the approval, names another digest: {approval.sha256}."
        proof = replace(proof, faults=(*proof.faults, said))
    return Proved(panel.title, starts_at, minutes.version, approved_on, proof, approval.id if approval else None)


def _approval(work: Work, minutes: Minutes) -> AuditEntry | None:
    """Return the audit entry about the approval of these minutes.

    Return None if the entry is from before such entries contained the minutes' hash.
    """
    is_it = (col(AuditEntry.verb) == "approve", col(AuditEntry.noun) == "minutes")
    is_done = (col(AuditEntry.outcome) == "done", col(AuditEntry.sha256).is_not(None))
    return work.find(AuditEntry, *is_it, *is_done, col(AuditEntry.noun_id) == minutes.id)


def _held(work: Work, panel: Panel, day: date, at: time | None) -> Meeting:
    held = work.find_all(
        Meeting,
        col(Meeting.panel_id) == id_of(panel),
        col(Meeting.state) == MeetingState.CLOSED,
        col(Meeting.starts_at) >= day_begins(work, panel, day),
        col(Meeting.starts_at) < day_ends(work, panel, day),
        by=[col(Meeting.starts_at)],
    )
    times = [local_time(work, panel, meeting.starts_at).time() for meeting in held]
    meant = [meeting for meeting, begins in zip(held, times, strict=True) if at in (None, begins)]
    if not held:
        raise Misconfigured(f"{panel.title} held no meeting on {date_words(day)}.")
    if len(meant) != 1:
        met = listed(f"{one:%H:%M}" for one in times)
        which = f"Say which meeting with --at, such as --at {times[-1]:%H:%M}."
        raise Misconfigured(f"{panel.title} met at {met} on {date_words(day)}. {which}")
    return meant[0]
