"""Says of every kind of mail what it uses the address for: to whom a restriction covers some may not go (S64)."""

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.jobs import release_of
from app.fulfilment.accessing import is_for_nobody
from app.fulfilment.jobs import PostSale
from app.mail.jobs import SendMail
from app.mail.models import Mail, MailKind, MailState
from app.orders.models import Order
from app.orders.whose import is_of_owner, whose_of
from app.payments.service import goes_back
from app.privacy.restricting import Use, Whose, require_unrestricted

K = MailKind
USES: dict[MailKind, Use] = {
    # Of an order: a contract for as long as it is under way; afterwards the letter waits.
    K.ORDER_CONFIRMATION: Use.CONTRACT,
    K.INVOICE_ISSUED: Use.CONTRACT,
    K.ORDER_CORRECTED: Use.CONTRACT,
    K.PAYMENT_RECEIVED: Use.CONTRACT,
    K.ORDER_SHIPPED: Use.CONTRACT,
    K.READY_FOR_PICKUP: Use.CONTRACT,
    # That nothing comes, and what money goes back and when, is the buyer's own claim (чл. 54 ЗЗП; GDPR Art. 18(2)).
    K.ORDER_CANCELLED: Use.CLAIM,
    K.ORDER_REFUNDED: Use.CLAIM,
    # Whoever opens an account, changes it, loses its password or asks for a right gets what was asked for.
    **dict.fromkeys(
        (
            *(K.REGISTRATION, K.ACCOUNT_CLOSED, K.EMAIL_CHANGE, K.EMAIL_CHANGED, K.PASSWORD_RESET),
            *(K.PASSWORD_CHANGED, K.TOKEN_REUSED, K.REQUEST_PROOF, K.REQUEST_RECEIVED, K.REQUEST_INCOMPLETE),
            *(K.REQUEST_EXTENDED, K.REQUEST_LATE, K.REQUEST_ANSWERED, K.WITHDRAWAL_PROOF),
            *(K.OFFERS_STOPPED, K.MARKETING_PROOF, K.RESTRICTION_ENDS, K.ORDER_ACCESS),
            K.WITHDRAWAL_RECEIPT,
        ),
        Use.OWN_ACT,
    ),
    # To those who work here, and to recipients.
    **dict.fromkeys(
        (
            *(K.INVITATION, K.SECOND_FACTOR_LOCKED, K.RIGHTS_ALARM, K.BREACH_ALARM, K.UPKEEP_ALARM),
            *(K.RECIPIENT_LATE, K.STANDSTILL, K.WITHDRAWAL_ALARM),
        ),
        Use.BOOKS,
    ),
    K.RECIPIENT_TOLD: Use.CLAIM,
    # The law's own duty, to protect the person (GDPR Art. 34, 18(2)).
    K.BREACH_NOTICE: Use.CLAIM,
    K.POLICY_CHANGED: Use.OTHER,
}


async def release_waiting(session: AsyncSession, whose: Whose) -> None:
    """Run again what waited for a person's restriction to end: letters, and sales that were to be entered."""
    own = func.lower(Order.email) == func.lower(whose.email)
    if whose.account_id:
        own = or_(own, Order.account_id == whose.account_id)
    orders = (await session.scalars(select(Order.id).where(own))).all()
    theirs = or_(Mail.order_id.in_(orders), func.lower(Mail.address) == func.lower(whose.email))
    mails = (await session.scalars(select(Mail.id).where(theirs, Mail.state == MailState.WAITING))).all()
    await release_of(session, SendMail.name, "mail_id", mails)
    await release_of(session, PostSale.name, "order_id", orders)


async def is_own(session: AsyncSession, mail: Mail) -> bool:
    """Say whether a mail is of an order that the owner of its address placed, logged in, or goes to nobody at all.

    A link into an order under an address that is not its own is mailed to nobody: it uses up nobody's allowance.
    """
    if mail.kind is MailKind.ORDER_ACCESS and mail.about_id is not None:
        return await is_for_nobody(session, mail.about_id)
    order = await session.get(Order, mail.order_id) if mail.order_id else None
    return order is not None and await is_of_owner(session, order)


async def may_be_sent(session: AsyncSession, mail: Mail) -> None:
    """Refuse with PersonRestricted what may not go to this person now; the job waits until the restriction ends."""
    use = USES.get(mail.kind, Use.OTHER)
    if use is Use.OTHER:
        await require_unrestricted(session, [Whose(mail.address)])
    elif use is Use.CONTRACT and mail.order_id is not None:
        if mail.kind is K.INVOICE_ISSUED and await goes_back(session, mail.order_id):
            return  # the document of what goes back is a claim, as the letter about it is
        order = await session.get_one(Order, mail.order_id)
        await require_unrestricted(session, [whose_of(order), Whose(mail.address, None, whose_of(order).is_under_way)])
