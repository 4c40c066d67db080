"""The rules of requests: what no guest proved, and case files that have been answered for long enough."""

from datetime import datetime, timedelta

from sqlalchemy import select

from app.core.db import Due
from app.core.language import Text
from app.core.personal import Retention
from app.privacy.retention.rules import Does, Rule, Told
from app.privacy.rights.intake import unproved_due
from app.privacy.rights.models import RightsAttachment, RightsEvent, RightsLetter, RightsRequest
from app.privacy.storage_terms import PROOF, Factor, StorageTerms


def rules(terms: StorageTerms) -> tuple[Rule, ...]:
    years = terms.evidence_years

    def answered(at: datetime) -> list[Due]:
        before = at - years * timedelta(days=366)
        over = RightsRequest.closed_at < before
        ids = select(RightsRequest.id).where(over)
        return [
            Due(RightsLetter, RightsLetter.request_id.in_(ids)),
            Due(RightsAttachment, RightsAttachment.request_id.in_(ids)),
            Due(RightsEvent, RightsEvent.request_id.in_(ids)),
            Due(RightsRequest, over & RightsRequest.id.not_in(select(RightsEvent.request_id))),
        ]

    return (
        Rule(
            "unproved_requests",
            Retention.EVIDENCE,
            frozenset({"rights_requests"}),
            Does.DELETE,
            Told(
                Text("Искания от гост, чийто адрес не е потвърден", "Guests' requests whose address was not proved"),
                Text("от искането", "from the request"),
                Text("24 часа", "24 hours"),
                PROOF,
                (Factor.SERVICE,),
            ),
            unproved_due,
            is_hourly=True,
        ),
        Rule(
            "case_files",
            Retention.EVIDENCE,
            frozenset({"rights_requests", "rights_events", "rights_attachments", "rights_letters"}),
            Does.DELETE,
            Told(
                Text("Преписки по искания за права", "Case files of requests"),
                Text("от отговора", "from the answer"),
                Text(f"{years} години", f"{years} years"),
                PROOF,
                (Factor.CLAIMS, Factor.DUTY),
            ),
            answered,
        ),
    )
