"""Turns settings into the terms on which the shop sells."""

from app.checkout.limits import Limits, Most
from app.checkout.pricing import PriceRules
from app.checkout.service import Terms
from app.fulfilment.viewing import ViewTerms
from app.mail.writing import Letterhead
from app.orders.models import PaymentMethod
from app.payments.transfers import Payee
from app.returns.texts.terms import Accepted, ContractTerms
from app.settings import Settings
from app.wiring.values import secret


def terms(settings: Settings) -> Terms:
    return Terms(
        rules=PriceRules(
            delivery_price=settings.delivery_price,
            free_delivery_from=settings.free_delivery_from,
            bank_transfer_discount_percent=settings.bank_transfer_discount_percent,
            vat_registered=settings.seller_vat_registered,
            delivery_vat=settings.delivery_vat,
        ),
        bank_transfer_days=settings.bank_transfer_days,
        payee=_payee(settings),
        guest_token_secret=secret(settings),
        guest_token_days=settings.guest_token_days,
        limits=limits(settings),
    )


def view_terms(settings: Settings) -> ViewTerms:
    return ViewTerms(secret(settings), settings.guarantee_years, _payee(settings), settings.withdrawal_zone)


def _payee(settings: Settings) -> Payee | None:
    iban = settings.seller_iban
    return Payee(settings.seller_name, iban, settings.seller_bic) if iban else None


def contract_terms(settings: Settings, letterhead: Letterhead) -> ContractTerms:
    """Give what the settings say of a contract in words."""
    methods = PaymentMethod if settings.seller_iban else (PaymentMethod.CASH_ON_DELIVERY,)
    most = limits(settings).most
    return ContractTerms(
        trader=letterhead.trader,
        withdrawal_url=letterhead.page("withdrawal"),
        order_url=letterhead.page("orders/{number}"),
        problems_url=letterhead.page("problems"),
        return_cost=settings.return_cost,
        guarantee_years=settings.guarantee_years,
        repair_extends_from=settings.repair_extends_from,
        delivery_price=settings.delivery_price,
        free_delivery_from=settings.free_delivery_from,
        transfer_days=settings.bank_transfer_days,
        accepted=tuple(Accepted(method, most[method].total, most[method].kilograms) for method in methods),
    )


def limits(settings: Settings) -> Limits:
    return Limits(
        most={
            PaymentMethod.CASH_ON_DELIVERY: Most(
                settings.cash_on_delivery_pieces, settings.cash_on_delivery_total, settings.cash_on_delivery_kilograms
            ),
            PaymentMethod.BANK_TRANSFER: Most(
                settings.bank_transfer_pieces, settings.bank_transfer_total, settings.bank_transfer_kilograms
            ),
        },
        unproved_pieces=settings.unproved_pieces,
        unproved_total=settings.unproved_total,
        confirmation_hours=settings.confirmation_hours,
        open_by_email=settings.open_orders_by_email,
        open_by_phone=settings.open_orders_by_phone,
        open_by_origin=settings.open_orders_by_origin,
        unpaid_stock_percent=settings.unpaid_stock_percent,
    )
