"""Create items."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "items",
        sa.Column("id", sa.Uuid, primary_key=True),
        # "C" compares bytes: its index stays valid when the operating system changes its sorting rules.
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.Column("description", sa.Text),
        sa.Column("created_at", TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("updated_at", TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.UniqueConstraint("name", name="items_name_unique"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("items")
