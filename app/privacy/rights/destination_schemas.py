"""What the responsible person says of the address that an answer is to go to."""

from pydantic import ConfigDict, Field, StrictBool

from app.core.fields import Wish
from app.privacy.rights.schemas import Words


class CheckDestination(Wish):
    """Whether the answer may go to an address that is not known to be the person's, and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "destination": "гр. София 1618, ул. „Българска легия“ № 2",
                    "may_be_used": True,
                    "how": "Потвърди го по телефона от поръчката си.",
                }
            ]
        }
    )

    destination: str = Field(max_length=500, description="The one that was looked at, as the case showed it")
    may_be_used: StrictBool = Field(description="If not, the answer goes by e-mail, where there is one")
    how: Words
