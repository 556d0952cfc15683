"""The only SQL: tables, transactions, migrations, one file for each aggregate, the log and the jobs."""

from bot.store.database import Store, Tx

__all__ = ["Store", "Tx"]
