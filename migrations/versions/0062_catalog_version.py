"""The catalogue's version, raised with each change of what it shows, so that answers may be kept until then.

The trigger is put off to the end of the transaction: the row is held while it is kept and no longer, so that nobody who
holds it waits for anybody, and versions follow each other as changes are kept. An order that leaves of an article as
many as have the same word (none, at most five, more) does not come here. The row is the owner's alone to write, by the
trigger: whoever changes the catalogue needs no right to it, the previous release neither, which works beside this.
"""

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None

FUNCTION = """
CREATE FUNCTION raise_catalog_version() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE catalog_version SET version = version + 1;
    PERFORM pg_notify('catalog', '');
    RETURN NULL;
END $$
"""
SHOWN = ("products", "variants", "prices")
DEFERRED = "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
WORD = "least(greatest({row}.available, 0), 1) + CAST({row}.available > 5 AS integer)"


def upgrade() -> None:
    op.create_table(
        "catalog_version",
        sa.Column("one", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("one", name=op.f("ck_catalog_version_one")),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_catalog_version")),
    )
    op.execute("INSERT INTO catalog_version (version) VALUES (1)")
    op.execute(FUNCTION)
    for table in SHOWN:
        op.execute(
            f"CREATE CONSTRAINT TRIGGER {table}_are_shown AFTER INSERT OR UPDATE OR DELETE ON {table}"
            f" {DEFERRED} EXECUTE FUNCTION raise_catalog_version()"
        )
    op.execute(
        "CREATE CONSTRAINT TRIGGER stock_is_shown AFTER UPDATE ON stock"
        f" {DEFERRED} WHEN ({WORD.format(row='OLD')} <> {WORD.format(row='NEW')})"
        " EXECUTE FUNCTION raise_catalog_version()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER stock_is_shown ON stock")
    for table in SHOWN:
        op.execute(f"DROP TRIGGER {table}_are_shown ON {table}")
    op.execute("DROP FUNCTION raise_catalog_version()")
    op.drop_table("catalog_version")
