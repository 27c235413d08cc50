"""Withdrawals of flags: who took a flag back, when and why, as a case's history shows them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from bot.models.cases import Flag
from bot.models.panels import Panel
from bot.models.people import Agency, Person
from bot.records.access.queries import local_time
from bot.records.actions.queries import opened_or_erased
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class FlagWithdrawal:
    """Who withdrew a flag, when and why."""

    by_name: str
    by_agency: str
    at: datetime  #: the panel's own time
    reason: str


def withdrawals_of(work: Work, flag_ids: Collection[int]) -> dict[int, FlagWithdrawal]:
    """Return a dict from flag id to the flag's withdrawal.

    The caller has checked that the reader may see the flags' words. Flags that were withdrawn before a reason was asked
    for are left out.
    """
    if not flag_ids:
        return {}
    rows = work.session.execute(
        select(Flag, Panel)
        .add_columns(col(Person.name), col(Agency.name))
        .join(Panel, col(Panel.id) == col(Flag.panel_id))
        .join(Person, col(Person.id) == col(Flag.withdrawn_by_id))
        .join(Agency, col(Agency.id) == col(Person.agency_id))
        .where(col(Flag.id).in_(flag_ids))
    )
    found: dict[int, FlagWithdrawal] = {}
    for flag, panel, by_name, by_agency in rows:
        if flag.withdrawn_at is not None and flag.withdrawn_reason is not None:
            at, reason = local_time(work, panel, flag.withdrawn_at), opened_or_erased(work, flag.withdrawn_reason)
            found[id_of(flag)] = FlagWithdrawal(by_name, by_agency, at, reason)
    return found
