"""Every table, as SQLModel classes; their names end in Row so that no noun is mistaken for one."""

from bot.store.tables.base import table
from bot.store.tables.changes import ChangeRow, FreezeRow, LegalHoldRow, MovedRow, TicketRow, WayBackRow
from bot.store.tables.chat import InstallationRow, LinkRequestRow, LinkRow, NotedRow, OfferRow, PostRow
from bot.store.tables.doors import ChangeEventRow, HeartbeatRow, LapseRow, LetterRow, ReceiptRow, SeenRow
from bot.store.tables.incidents import AlertRow, CounterRow, IncidentRow, MergedKeyRow, PageRow
from bot.store.tables.noise import EvaluationsRow, HeldRow, InhibitorRow, SilenceRow
from bot.store.tables.oncall import ArmedRow, CalendarRow, CoverRow, FeedEventRow, FeedRow, RotaRow
from bot.store.tables.paging import AddressRow, HandoverRow, PageTestRow
from bot.store.tables.record import CheckpointRow, ClockRow, ExportRow, FollowUpRow, PostmortemRow
from bot.store.tables.retraining import TrainingRow, WatchRow
from bot.store.tables.trials import TrialRow
from bot.store.tables.work import HeadRow, JobRow, LogRow, OverrideRow, SaidRow

__all__ = [
    "AddressRow",
    "AlertRow",
    "ArmedRow",
    "CalendarRow",
    "ChangeEventRow",
    "ChangeRow",
    "CheckpointRow",
    "ClockRow",
    "CounterRow",
    "CoverRow",
    "EvaluationsRow",
    "ExportRow",
    "FeedEventRow",
    "FeedRow",
    "FollowUpRow",
    "FreezeRow",
    "HandoverRow",
    "HeadRow",
    "HeartbeatRow",
    "HeldRow",
    "IncidentRow",
    "InhibitorRow",
    "InstallationRow",
    "JobRow",
    "LapseRow",
    "LegalHoldRow",
    "LetterRow",
    "LinkRequestRow",
    "LinkRow",
    "LogRow",
    "MergedKeyRow",
    "MovedRow",
    "NotedRow",
    "OfferRow",
    "OverrideRow",
    "PageRow",
    "PageTestRow",
    "PostRow",
    "PostmortemRow",
    "ReceiptRow",
    "RotaRow",
    "SaidRow",
    "SeenRow",
    "SilenceRow",
    "TicketRow",
    "TrainingRow",
    "TrialRow",
    "WatchRow",
    "WayBackRow",
    "table",
]
