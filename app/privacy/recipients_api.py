"""Endpoints by which the responsible person keeps the register of recipients and the agreements with them."""

from typing import Annotated

from fastapi import Path, Response

from app.auth.auditing.recording import Action, audit_insert
from app.auth.guards import STAFF_REFUSALS, staff_with
from app.auth.persons import Person
from app.auth.roles import Right
from app.core.clock import At
from app.core.db import SessionDep, write_last
from app.core.errors import Invalid
from app.core.personal import Recipient
from app.core.problems import BodyUnreadable, problems
from app.core.routing import Router
from app.privacy import disclosing
from app.privacy.recipients_schemas import AgreementView, NameRecipient, RecordAgreement

router = Router(prefix="/staff/recipients", tags=["registers"])
Manager = Annotated[Person, staff_with(Right.MANAGE_RECIPIENTS)]
Key = Annotated[Recipient, Path(description="As the register of recipients names it", examples=["accountant"])]
CHANGE = (*STAFF_REFUSALS, BodyUnreadable, Invalid)


@router.put("/{recipient}", status_code=204, response_class=Response, responses=problems(*CHANGE))
async def name_recipient(recipient: Key, wish: NameRecipient, caller: Manager, session: SessionDep, at: At) -> None:
    """Enter who a recipient is: the accounting house, the host of the mail server; the notice says so at once."""
    await disclosing.name_recipient(session, recipient, legal_name=wish.legal_name, contact=wish.contact)
    subject = f"recipient:{recipient}"
    write_last(session, audit_insert(Action.RECIPIENT_NAMED, actor=caller.actor, subject=subject, at=at))


@router.post("/{recipient}/agreements", status_code=201, responses=problems(*CHANGE))
async def record_agreement(
    recipient: Key, wish: RecordAgreement, caller: Manager, session: SessionDep, at: At
) -> AgreementView:
    """Record an agreement that was signed, or, with its last day, that it ends; without one nothing is pushed (S38)."""
    agreement = await disclosing.record_agreement(
        session,
        recipient,
        reference=wish.reference,
        signed_on=wish.signed_on,
        ends_on=wish.ends_on,
        at=at,
        by=caller.actor,
    )
    entry = audit_insert(
        Action.AGREEMENT_RECORDED,
        actor=caller.actor,
        subject=f"recipient:{recipient}",
        detail=f"agreement:{agreement.id}",
        at=at,
    )
    write_last(session, entry)
    return AgreementView.model_validate(agreement)
