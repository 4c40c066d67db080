"""Runs the clock of a request: from receipt to its last day, and still while we wait for the person."""

from dataclasses import dataclass
from datetime import date, datetime

from app.core.clock import legal_date
from app.privacy.rights.deadlines import Clock
from app.privacy.rights.models import RequestKind, RightsRequest


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms of the shop's own, in days."""

    complaint_days: int
    """By when a complaint is answered (C6)."""
    copy_days: int
    """How long a copy may be downloaded once it was granted."""


def set_due(request: RightsRequest, terms: Terms) -> None:
    clock = _clock(request)
    is_complaint = request.kind is RequestKind.COMPLAINT
    request.due_on = clock.due_within(terms.complaint_days) if is_complaint else clock.due_on()
    if request.extended_to is not None:
        request.extended_to = clock.extended_to()


def extended_day(request: RightsRequest) -> date:
    return _clock(request).extended_to()


def wait(request: RightsRequest, terms: Terms, *, at: datetime) -> None:
    """Let the clock stand: we asked the person for something, if not for the first time."""
    run_on(request, terms, at=at)
    request.waiting_since, request.answered_at = at, None


def run_on(request: RightsRequest, terms: Terms, *, at: datetime) -> None:
    """Let the clock go on from the person's answer, whenever it was read; one that runs goes on as it does."""
    if request.waiting_since is None:
        return
    complete_at = request.answered_at or at
    request.waited_days += (legal_date(complete_at) - legal_date(request.waiting_since)).days
    request.complete_at = complete_at
    request.waiting_since = request.answered_at = None
    set_due(request, terms)


def _clock(request: RightsRequest) -> Clock:
    return Clock(legal_date(request.received_at), legal_date(request.complete_at), request.waited_days)
