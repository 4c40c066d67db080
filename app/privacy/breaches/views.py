"""What the officer sees of a breach."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import Field

from app.core.fields import View
from app.core.language import Language
from app.core.personal import Category, Recipient
from app.privacy.breaches.affected import Affected
from app.privacy.breaches.deadlines import deadline, promised_by
from app.privacy.breaches.models import (
    Breach,
    BreachChannel,
    BreachEntry,
    BreachNotification,
    BreachSearch,
    BreachStatus,
    EntryKind,
    Exemption,
    LetterState,
    Risk,
    SentBy,
)
from app.privacy.breaches.queries import RegisteredBreach
from app.privacy.breaches.states import NEXT


class RegisterLineView(View):
    """A line of the register with its four fields (S83) and the mark of the authority's notification (S57)."""

    id: UUID
    number: int = Field(examples=[7])
    drill: bool
    status: BreachStatus
    summary: str
    channel: BreachChannel
    processor: Recipient | None
    discovered_at: datetime
    recorded_at: datetime
    recorded_by: str = Field(examples=["staff:019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e11"])
    due_at: datetime = Field(description="End of the 72 hours; whoever notifies later gives the reasons")
    lawful_until: datetime = Field(description="The same, where holidays prolong it (Regulation 1182/71, Art. 3(5))")
    risk: Risk | None
    facts: str | None
    consequences: str | None
    measures: str | None
    risk_assessment: str | None
    missing: list[EntryKind] = Field(description="Required before a notification and before the end")
    people: int | None = Field(description="Affected; null: not computed yet")
    records: int | None
    categories: list[Category]
    kzld_notified_at: datetime | None
    not_notified_at: datetime | None
    exemption: Exemption | None
    letters_started_at: datetime | None
    letters_done_at: datetime | None
    publicly_told_at: datetime | None
    closed_at: datetime | None

    @classmethod
    def of(cls, registered: RegisteredBreach) -> Self:
        return cls(**line(registered))


def line(registered: RegisteredBreach) -> dict[str, Any]:
    breach = registered.breach
    kept = {name: getattr(breach, name) for name in RegisterLineView.model_fields if hasattr(breach, name)}
    required = (EntryKind.FACTS, EntryKind.CONSEQUENCES, EntryKind.MEASURES, EntryKind.RISK_ASSESSMENT)
    return {
        **kept,
        **{kind.value: registered.text(kind) for kind in required},
        "missing": registered.missing,
        "due_at": promised_by(breach.discovered_at),
        "lawful_until": deadline(breach.discovered_at),
    }


class BreachEntryView(View):
    id: UUID
    kind: EntryKind
    at: datetime
    author: str
    text: str
    risk: Risk | None
    status: BreachStatus | None
    corrects_id: UUID | None


class SearchView(View):
    search: dict[str, str] = Field(examples=[{"kind": "recipient", "what": "speedy", "until": "2026-11-23T09:00:00Z"}])
    run_at: datetime
    author: str


class NotificationView(View):
    id: UUID
    phase: int = Field(description="1: the first notification; more: further information (Art. 33(4))")
    drafted_at: datetime
    author: str
    text: str
    sha256: str = Field(description="Of the PDF")
    pdf: str = Field(examples=["/v1/staff/breaches/…/notifications/….pdf"])
    sent_at: datetime | None
    sent_by: str | None
    means: SentBy | None
    reference: str | None

    @classmethod
    def of(cls, notification: BreachNotification) -> Self:
        kept = {name: getattr(notification, name) for name in cls.model_fields if name != "pdf"}
        return cls(**kept, pdf=f"/v1/staff/breaches/{notification.breach_id}/notifications/{notification.id}.pdf")


class LettersView(View):
    """How many people, by how far the letter to them is."""

    none: int
    waiting: int
    sent: int
    refused: int
    unreachable: int
    drawn: int


class BreachView(RegisterLineView):
    """A breach whole."""

    now: datetime = Field(description="As its clock has it; a drill's may be put forward")
    next: list[BreachStatus]
    entries: list[BreachEntryView] = Field(description="Oldest first, those that were corrected included")
    searches: list[SearchView] = Field(description="Those that gave the list of people")
    letters: LettersView
    notifications: list[NotificationView]

    @classmethod
    def whole(
        cls,
        registered: RegisteredBreach,
        entries: Sequence[BreachEntry],
        searches: Sequence[BreachSearch],
        letters: Mapping[LetterState, int],
        notifications: Sequence[BreachNotification],
        *,
        at: datetime,
    ) -> Self:
        breach: Breach = registered.breach
        return cls(
            **line(registered),
            now=breach.now(at),
            next=sorted(NEXT[breach.status]),
            entries=[BreachEntryView.model_validate(entry) for entry in entries],
            searches=[SearchView.model_validate(search) for search in searches],
            letters=LettersView(**{state.value: count for state, count in letters.items()}),
            notifications=[NotificationView.of(notification) for notification in notifications],
        )


class UnresolvedView(View):
    operation: str = Field(examples=["read_order_as_staff"])
    entries: int


class AffectedView(View):
    """What Art. 33(3)(a) asks: how many people and records, of which kinds of data."""

    people: int
    records: int
    unreachable: int = Field(description="Without a usable address: told by public notice")
    categories: list[Category]
    unresolved: list[UnresolvedView] = Field(
        description="Accesses that name nobody: look at them, or search the table they read"
    )

    @classmethod
    def of(cls, affected: Affected) -> Self:
        return cls.model_validate(affected)


class AffectedPersonView(View):
    id: UUID
    email: str | None
    account_id: UUID | None
    language: Language
    found_by: list[str] = Field(examples=[["recipient:speedy"]])
    records: int
    letter: LetterState
    promised_at: datetime | None
    sent_at: datetime | None
    message_id: str | None
    refusal: str | None
