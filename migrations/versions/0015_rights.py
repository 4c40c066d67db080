"""Requests of data subjects: the row, the log of the case file, attachments, letters.

Works beside the previous release, which knows nothing of these tables.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from app.core.db import closed_to_changes

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
MEMBER = sa.String(32)


def upgrade() -> None:
    op.create_table(
        "rights_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", MEMBER, nullable=False),
        sa.Column("via", MEMBER, nullable=False),
        sa.Column("state", MEMBER, nullable=False),
        sa.Column("outcome", MEMBER, nullable=True),
        sa.Column("language", MEMBER, nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("person_email", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("correspondence_address", sa.Text(), nullable=True),
        sa.Column("preferred_form", MEMBER, nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("is_signed", sa.Boolean(), nullable=False),
        sa.Column("dated_on", sa.Date(), nullable=True),
        sa.Column("proxy_name", sa.Text(), nullable=True),
        sa.Column("has_power_of_attorney", sa.Boolean(), nullable=False),
        sa.Column("missing", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("corrections", JSONB(), nullable=True),
        sa.Column("restriction_ground", sa.Text(), nullable=True),
        sa.Column("erasure_ground", MEMBER, nullable=True),
        sa.Column("against", MEMBER, nullable=True),
        sa.Column("consent", MEMBER, nullable=True),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("identified_at", MOMENT, nullable=True),
        sa.Column("complete_at", MOMENT, nullable=False),
        sa.Column("waiting_since", MOMENT, nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("waited_days", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("extended_to", sa.Date(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "(outcome IS NOT NULL) = (state IN ('granted', 'partly_granted', 'refused', 'withdrawn', 'closed'))",
            name=op.f("ck_rights_requests_an_end_has_an_outcome"),
        ),
        sa.CheckConstraint("against IN ('marketing', 'processing')", name=op.f("ck_rights_requests_against")),
        sa.CheckConstraint(
            "consent IN ('registration', 'newsletter', 'blog_comment', 'contact', 'review', 'third_party_marketing', 'survey')",
            name=op.f("ck_rights_requests_consent"),
        ),
        sa.CheckConstraint(
            "erasure_ground IN ('not_needed', 'consent_withdrawn', 'objected', 'unlawful', 'legal_duty')",
            name=op.f("ck_rights_requests_erasure_ground"),
        ),
        sa.CheckConstraint(
            "kind IN ('access', 'portability', 'rectification', 'restriction', 'erasure', 'objection', 'withdrawal', 'complaint')",
            name=op.f("ck_rights_requests_kind"),
        ),
        sa.CheckConstraint("language IN ('bg', 'en')", name=op.f("ck_rights_requests_language")),
        sa.CheckConstraint(
            "outcome IN ('granted', 'partly_granted', 'refused', 'withdrawn')", name=op.f("ck_rights_requests_outcome")
        ),
        sa.CheckConstraint("preferred_form IN ('electronic', 'paper')", name=op.f("ck_rights_requests_preferred_form")),
        sa.CheckConstraint(
            "state IN ('received', 'incomplete', 'identity_needed', 'open', 'extended', 'granted', 'partly_granted', 'refused', 'withdrawn', 'closed')",
            name=op.f("ck_rights_requests_state"),
        ),
        sa.CheckConstraint(
            "via IN ('account', 'email_proof', 'email', 'post', 'phone')", name=op.f("ck_rights_requests_via")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_requests")),
    )
    op.create_index(op.f("ix_rights_requests_account_id_id"), "rights_requests", ["account_id", "id"])
    op.create_index(op.f("ix_rights_requests_due_on_id"), "rights_requests", ["due_on", "id"])
    op.create_index("ix_rights_requests_email", "rights_requests", [sa.text("lower(email)")])
    op.create_index("ix_rights_requests_person_email", "rights_requests", [sa.text("lower(person_email)")])
    op.create_index(op.f("ix_rights_requests_state_due_on_id"), "rights_requests", ["state", "due_on", "id"])
    op.create_table(
        "rights_attachments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("kind", MEMBER, nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.CheckConstraint("kind IN ('power_of_attorney', 'identity_paper')", name=op.f("ck_rights_attachments_kind")),
        sa.ForeignKeyConstraint(["request_id"], ["rights_requests.id"], name=op.f("fk_rights_attachments_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_attachments")),
    )
    op.create_index(op.f("ix_rights_attachments_request_id"), "rights_attachments", ["request_id"])
    op.create_table(
        "rights_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("kind", MEMBER, nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("details", JSONB(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('received', 'proved', 'moved', 'message', 'note', 'authority_notified', 'parts_asked', 'identity_asked', 'identity_recorded', 'attached', 'attachment_read', 'attachment_deleted', 'alarmed', 'extended', 'delayed', 'decided', 'executed', 'copy_given', 'answer_sent')",
            name=op.f("ck_rights_events_kind"),
        ),
        sa.ForeignKeyConstraint(["request_id"], ["rights_requests.id"], name=op.f("fk_rights_events_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_events")),
    )
    op.create_index(op.f("ix_rights_events_request_id_number"), "rights_events", ["request_id", "number"])
    op.create_table(
        "rights_letters",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("kind", MEMBER, nullable=False),
        sa.Column("language", MEMBER, nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("drawn_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "kind IN ('parts', 'identity', 'extension', 'delay', 'answer')", name=op.f("ck_rights_letters_kind")
        ),
        sa.CheckConstraint("language IN ('bg', 'en')", name=op.f("ck_rights_letters_language")),
        sa.ForeignKeyConstraint(["event_id"], ["rights_events.id"], name=op.f("fk_rights_letters_event_id")),
        sa.ForeignKeyConstraint(["request_id"], ["rights_requests.id"], name=op.f("fk_rights_letters_request_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_rights_letters")),
    )
    op.create_index(op.f("ix_rights_letters_request_id"), "rights_letters", ["request_id"])
    for table in ("rights_events", "rights_letters"):
        for guard in closed_to_changes(table):
            op.execute(guard)


def downgrade() -> None:
    for table in ("rights_letters", "rights_events", "rights_attachments", "rights_requests"):
        op.drop_table(table)
