"""The panel's own clocks: its zone, its date today, and when its days begin and end."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.panel_definition import PanelDefinition
from bot.models.panels import Panel
from bot.store.unit_of_work import Work


def rules_of(work: Work, panel: Panel) -> PanelDefinition:
    """The definition by which the panel's dates are found: its kind's, with its own choice for bank holidays."""
    definition = work.definition(panel.definition)
    if panel.bank_holidays is None:
        return definition
    return definition.model_copy(update={"bank_holidays": panel.bank_holidays.value})


def zone_of(work: Work, panel: Panel) -> ZoneInfo:
    """The time zone in which the panel lives."""
    return ZoneInfo(work.definition(panel.definition).timezone)


def local_time(work: Work, panel: Panel, moment: datetime) -> datetime:
    """A moment as the panel's clocks show it."""
    return moment.astimezone(zone_of(work, panel))


def today_at(work: Work, panel: Panel) -> date:
    """The panel's own date now."""
    return local_time(work, panel, work.now).date()


def day_begins(work: Work, panel: Panel, on: date) -> datetime:
    """The first moment of a day by the panel's clocks."""
    return datetime.combine(on, time.min, tzinfo=zone_of(work, panel)).astimezone(UTC)


def day_ends(work: Work, panel: Panel, on: date) -> datetime:
    """The first moment after a day by the panel's clocks: a place that lapses then holds all that day."""
    return day_begins(work, panel, on + timedelta(days=1))


def last_day(work: Work, panel: Panel, lapses_at: datetime) -> date:
    """The last day on which a place that lapses then holds."""
    return local_time(work, panel, lapses_at - timedelta(seconds=1)).date()
