"""The list of registers; a new one is a line here, and has its views, search, exports and place in the pack.

Those of packages that this one does not know are added by wiring.
"""

from collections.abc import Mapping

from app.backoffice.breaches import BREACHES
from app.backoffice.clients import CLIENTS
from app.backoffice.consents import CONSENTS
from app.backoffice.cookies import COOKIE_CONSENTS, COOKIES
from app.backoffice.disclosures import DISCLOSURES
from app.backoffice.documents import DATA_MAP, DECLARATIONS, PROCESSING
from app.backoffice.people import EMPLOYEES, TRAININGS
from app.backoffice.recipients import AGREEMENTS, RECIPIENTS_REGISTER
from app.backoffice.register import Register, RegisterName
from app.backoffice.requests import REQUESTS
from app.backoffice.restrictions import RESTRICTIONS
from app.backoffice.retention import HOLDS, RETENTION_RUNS

REGISTERS: Mapping[RegisterName, Register] = {
    register.name: register
    for register in (
        CLIENTS,
        EMPLOYEES,
        TRAININGS,
        RECIPIENTS_REGISTER,
        AGREEMENTS,
        DISCLOSURES,
        REQUESTS,
        BREACHES,
        RESTRICTIONS,
        RETENTION_RUNS,
        HOLDS,
        CONSENTS,
        COOKIES,
        COOKIE_CONSENTS,
        DECLARATIONS,
        PROCESSING,
        DATA_MAP,
    )
}
