"""The privacy notice for anybody (GDPR Art. 13), and for whoever asks what is held of them (S59)."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends, Request, Response

from app.auth.errors import Unauthenticated
from app.auth.guards import ACCOUNT_REFUSALS, AccountCaller
from app.auth.models import Account
from app.core.db import SessionDep
from app.core.holders import Holder, Person
from app.core.language import Language, Speaks
from app.core.problems import problems
from app.core.routing import Router
from app.privacy import queries
from app.privacy.field_words import FIELDS, TABLES
from app.privacy.holdings import Held, held_of
from app.privacy.notice import Stated, lines
from app.privacy.notice_schemas import HeldView, NoticeView, OwnNoticeView

router = Router()


async def get_stated(request: Request) -> Stated:
    stated: Stated = request.app.state.stated
    return stated


StatedDep = Annotated[Stated, Depends(get_stated)]


@router.get("/privacy/notice", tags=["privacy"])
async def show_notice(facts: StatedDep, session: SessionDep, language: Speaks, response: Response) -> NoticeView:
    """Say who processes which data, why, on which ground, who receives them, for how long, and which rights there are.

    Read off the columns themselves: nothing is kept that is not told here (S59).
    """
    response.headers["Cache-Control"] = "public, max-age=60"
    response.headers["Content-Language"] = language
    response.headers["Vary"] = "Accept-Language"
    return NoticeView.of(facts, lines(facts, await queries.list_recipients(session)), language)


async def get_holders(request: Request) -> Sequence[Holder]:
    holders: Sequence[Holder] = request.app.state.holders
    return holders


@router.get("/me/privacy-notice", tags=["account"], responses=problems(*ACCOUNT_REFUSALS))
async def show_own_notice(
    caller: AccountCaller,
    holders: Annotated[Sequence[Holder], Depends(get_holders)],
    facts: StatedDep,
    session: SessionDep,
    language: Speaks,
) -> OwnNoticeView:
    """Say the same about oneself: what is held, why, on which ground, for how long, and who may receive it.

    To whom it really went is at `/v1/me/disclosures`.
    """
    account = await session.get(Account, caller.id)
    if account is None:
        raise Unauthenticated  # closed since the guard let it pass
    held = await held_of(session, holders, Person(account.email, account.id))
    names = frozenset(name for each in held for name in each.names)
    notice = NoticeView.of(facts, lines(facts, await queries.list_recipients(session), names), language)
    return OwnNoticeView(**dict(notice), held=[_held(each, language) for each in held])


def _held(held: Held, language: Language) -> HeldView:
    title = TABLES.get(held.table.name)
    fields = [FIELDS[column.name].in_(language) if column.name in FIELDS else column.name for column in held.columns]
    return HeldView(
        what=title.in_(language) if title else held.table.name,
        count=held.count,
        fields=[*dict.fromkeys(fields)],
        categories=held.categories,
    )
