"""${message}"""

import sqlalchemy as sa
import sqlmodel  # noqa: F401  (autogenerate names its types)
from alembic import op

from bot.store.columns import Instant, Json

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """${message}."""
    ${upgrades if upgrades else "pass"}
