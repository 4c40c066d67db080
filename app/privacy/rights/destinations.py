"""Where an answer goes, and whether that is known to be the person's: nothing personal goes anywhere else.

A guest's click signs whatever was asked under their address, and may well not have read to where. By e-mail the address
is the one whose data it is about, or a login's. By post it stands in the person's own address book, or the responsible
person has looked at it on its own. An order is no proof: anybody orders under another's e-mail.
"""

import re
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.holders import Holder, Person
from app.privacy.owned import owned
from app.privacy.rights.models import PreferredForm, RightsRequest, Via

WORD = re.compile(r"\w+")
# What an address may say or leave out, without becoming another.
FORMAL = frozenset(
    WORD.findall(
        "гр град с село ул улица бул булевард пл площад жк ж к кв квартал п пк бл блок вх вход ет етаж ап апартамент"
        " обл област общ община българия no st str street blvd sq city bl ent fl floor ap apt bulgaria"
    )
)
BOOK = "addresses"
PLACE = ("city", "postcode", "street", "street_no", "block", "entrance", "floor", "apartment")


def wants_post(request: RightsRequest) -> bool:
    """Say whether somebody wants paper and says where to, or has no e-mail."""
    has_place = request.correspondence_address is not None or request.address is not None
    return request.email is None or (request.preferred_form is PreferredForm.PAPER and has_place)


def destination_of(request: RightsRequest) -> str | None:
    """Name where the answer is to go; None: nobody said."""
    return (request.correspondence_address or request.address) if wants_post(request) else request.email


def is_settled(request: RightsRequest) -> bool:
    """Say whether what is personal may go there; a destination that changes has to be settled anew."""
    destination = destination_of(request)
    if destination is None:
        return False
    return request.checked_destination == destination or (not wants_post(request) and _is_own_email(request))


def _is_own_email(request: RightsRequest) -> bool:
    if request.via is Via.ACCOUNT and request.proxy_name is None:
        return True  # it is written to at its address of the day
    return (request.email or "").lower() == (request.person_email or "").lower()


def is_for_the_post(request: RightsRequest) -> bool:
    """Say whether letters go by post: to where it is settled, or to who has no e-mail."""
    return wants_post(request) and (request.email is None or is_settled(request))


async def recognise(session: AsyncSession, request: RightsRequest, holders: Sequence[Holder], person: Person) -> None:
    """Settle a postal address that the person keeps in their own address book."""
    destination = destination_of(request)
    if destination is None or is_settled(request) or not wants_post(request):
        return
    [(book, own)] = [each for each in owned(holders, person).items() if each[0].name == BOOK]
    kept = await session.execute(select(*(book.c[name] for name in PLACE)).where(own))
    if any(is_place(destination, place._asdict()) for place in kept):
        request.checked_destination = destination


def is_place(written: str, kept: dict[str, str | None]) -> bool:
    """Say whether an address is a kept one in other words: it names street, number and block, and nothing else.

    Whoever adds a word, a name or a number, may mean another place.
    """
    words = _words(written)
    needed = [_words(" ".join(kept[name] or "" for name in names)) for names in (("street", "street_no"), ("block",))]
    if not any(needed) or not all(_holds(words, each) for each in needed):
        return False
    return set(words) <= set(_words(" ".join(value for value in kept.values() if value)))


def _words(text: str) -> list[str]:
    return [word for word in WORD.findall(text.casefold()) if word not in FORMAL]


def _holds(words: Sequence[str], part: Sequence[str]) -> bool:
    """Say whether the words stand there one after the other."""
    return any(list(words[start : start + len(part)]) == list(part) for start in range(len(words) - len(part) + 1))
