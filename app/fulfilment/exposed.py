"""Selects of what was touched: rows of orders and accounts, by the words of the audit or as a whole table."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    Subquery,
    Text,
    Uuid,
    case,
    cast,
    func,
    literal,
    null,
    select,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute

from app.accounts.models import Address, InvoiceProfile, Profile, Registration
from app.auth.auditing.models import AuditEntry
from app.auth.models import Account
from app.core.db import Base
from app.invoices.models import Document
from app.mail.models import Mail
from app.orders.models import Order
from app.payments.models import ReceiptCase
from app.privacy.breaches.models import BreachPerson
from app.privacy.breaches.ports import ExposedTable, Search
from app.privacy.models import Consent
from app.privacy.personal_columns import categories_in
from app.returns.models import Withdrawal
from app.shipping.models import Label, Shipment

NUMBER = "^[1-9][0-9]{8}$"
ID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
OF_ORDERS = ("orders", "order_lines")
OF_DOCUMENTS = (*OF_ORDERS, "documents", "document_files")
OF_RECEIPTS = (*OF_ORDERS, "receipts")
OF_STATEMENTS = ("withdrawals", "withdrawal_cases")
OF_ACCOUNTS = ("mails", "profiles")
"""Whose tables hold what an account's line shows: name, e-mail, phone."""
SHOWS_PEOPLE = "list_affected_people"
"""The route whose subject names a breach, and which shows whom it affected."""

# The words by which entries of the audit name orders and accounts; a word of another kind names no customer.
BY_NUMBER = ("number", "order")
BY_ID: Mapping[str, str] = {
    "order_id": "order",
    "document": "document",
    "document_id": "document",
    "shipment": "shipment",
    "shipment_id": "shipment",
    "account": "account",
    "account_id": "account",
    "withdrawal": "withdrawal",
    "withdrawal_id": "withdrawal",
    "receipt": "receipt",
    "receipt_id": "receipt",
}
BY_BREACH = "breach_id"
KNOWN = "|".join((*BY_NUMBER, *BY_ID, BY_BREACH))
NAMES_SOMEBODY = f"(^| )({KNOWN}):"


def touch(
    search: Search,
    record: ColumnElement[Any],
    categories: ColumnElement[Any] | Collection[str],
    *,
    order_id: ColumnElement[Any] | None = None,
    account_id: ColumnElement[Any] | None = None,
    email: ColumnElement[Any] | None = None,
    language: ColumnElement[Any] | None = None,
) -> Select[Any]:
    """Select rows that were touched: of which order, account or address, by which search, with which kinds of data."""
    kinds = categories if isinstance(categories, ColumnElement) else literal([*map(str, categories)], ARRAY(Text))
    nothing = null()
    return select(
        cast(nothing if order_id is None else order_id, Uuid).label("order_id"),
        cast(nothing if account_id is None else account_id, Uuid).label("account_id"),
        cast(nothing if email is None else email, Text).label("email"),
        cast(nothing if language is None else language, Text).label("language"),
        record.label("record"),
        literal(search.code, Text).label("reason"),
        cast(kinds, ARRAY(Text)).label("categories"),
    )


def record_of(table: str, key: ColumnElement[Any] | InstrumentedAttribute[Any]) -> ColumnElement[str]:
    return literal(f"{table}:", Text) + cast(key, Text)


def orders(search: Search, tables: Collection[str] = OF_ORDERS) -> Select[Any]:
    return touch(search, record_of("order", Order.id), categories_in(tables), order_id=Order.id.expression)


def accounts(search: Search) -> Select[Any]:
    categories = categories_in(OF_ACCOUNTS)
    return touch(search, record_of("account", Account.id), categories, account_id=Account.id.expression)


def statements(search: Search) -> Select[Any]:
    return touch(
        search,
        record_of("withdrawal", Withdrawal.id),
        categories_in(OF_STATEMENTS),
        email=Withdrawal.email.expression,
        language=Withdrawal.language.expression,
    )


def named_by(entries: ColumnElement[bool], search: Search) -> Iterator[Select[Any]]:
    """Select what the words of these entries of the audit name."""
    words = _words(entries)
    numbers = _values(words, BY_NUMBER, NUMBER, BigInteger())
    yield orders(search).where(Order.number.in_(numbers))
    ids = {what: _ids(words, what) for what in ("order", "document", "shipment")}
    documents = select(Document.order_id).where(Document.id.in_(ids["document"]))
    shipments = select(Shipment.order_id).where(Shipment.id.in_(ids["shipment"]))
    yield orders(search).where(Order.id.in_(ids["order"]))
    yield orders(search, OF_DOCUMENTS).where(Order.id.in_(documents))
    yield orders(search).where(Order.id.in_(shipments))
    receipts = select(ReceiptCase.order_id).where(ReceiptCase.receipt_id.in_(_ids(words, "receipt")))
    yield orders(search, OF_RECEIPTS).where(Order.id.in_(receipts))
    # Not joined to accounts: one that is closed by now was touched too.
    accounts_named = _ids(words, "account").subquery()
    [account_id] = accounts_named.c
    record = record_of("account", account_id)
    yield touch(search, record, categories_in(OF_ACCOUNTS), account_id=account_id).select_from(accounts_named)
    yield statements(search).where(Withdrawal.id.in_(_ids(words, "withdrawal")))
    shown = _values(words, (BY_BREACH,), ID, Uuid()).where(words.c.operation == SHOWS_PEOPLE)
    of_breach = touch(
        search,
        record_of("breach_person", BreachPerson.id),
        categories_in(("breach_people",)),
        account_id=BreachPerson.account_id.expression,
        email=BreachPerson.email.expression,
        language=BreachPerson.language.expression,
    )
    yield of_breach.where(BreachPerson.breach_id.in_(shown))


def _words(entries: ColumnElement[bool]) -> Subquery:
    said = func.concat_ws(" ", AuditEntry.subject, AuditEntry.detail)
    split = func.string_to_table(said, " ", type_=Text).table_valued("word").render_derived(name="split")
    word = split.c.word
    parts = (
        func.split_part(word, ":", 1).label("kind"),
        func.split_part(word, ":", 2).label("value"),
        func.split_part(AuditEntry.subject, " ", 1).label("operation"),
    )
    return select(*parts).select_from(AuditEntry).join(split, true()).where(entries).subquery("words")


def _values(words: Subquery, kinds: Collection[str], shape: str, of_type: Any) -> Select[Any]:
    # Cast only what has the shape: PostgreSQL promises no order among conditions.
    value = case((words.c.value.regexp_match(shape), cast(words.c.value, of_type)))
    return select(value).distinct().where(words.c.kind.in_(kinds), value.is_not(None))


def _ids(words: Subquery, what: str) -> Select[Any]:
    return _values(words, [kind for kind, names in BY_ID.items() if names == what], ID, Uuid())


def everybody_in(table: ExposedTable, search: Search) -> Select[Any]:
    """Select every row of a table that was there by then: who copies the whole of it has seen them all."""
    return _WHOLE[table](search)


def _of_account(table: type[Base], name: str, at: InstrumentedAttribute[Any] | None = None) -> Any:
    key, owner = ("id", "account_id") if hasattr(table, "id") else ("account_id", "account_id")
    if table is Account:
        owner = "id"

    def rows(search: Search) -> Select[Any]:
        account_id = getattr(table, owner).expression
        record = record_of(name, getattr(table, key))
        found = touch(search, record, categories_in((name,)), account_id=account_id)
        return found if at is None else found.where(at <= search.until)

    return rows


def _of_orders(search: Search) -> Select[Any]:
    return orders(search).where(Order.placed_at <= search.until)


def _documents(search: Search) -> Select[Any]:
    issued = touch(
        search,
        record_of("document", Document.id),
        categories_in(("documents", "document_files")),
        order_id=Document.order_id.expression,
    )
    return issued.join(Order, Order.id == Document.order_id).where(Order.placed_at <= search.until)


def _labels(search: Search) -> Select[Any]:
    record, categories = record_of("label", Label.shipment_id), categories_in(("labels",))
    printed = touch(search, record, categories, order_id=Shipment.order_id.expression)
    return printed.join(Shipment, Shipment.id == Label.shipment_id).where(Shipment.created_at <= search.until)


def _addressed(
    table: type[Base], email: InstrumentedAttribute[str], at: InstrumentedAttribute[Any], language: Any
) -> Any:
    name = table.__tablename__

    def rows(search: Search) -> Select[Any]:
        record = record_of(name, getattr(table, "id"))  # noqa: B009 - not every table has one
        found = touch(search, record, categories_in((name,)), email=email.expression, language=language.expression)
        return found.where(at <= search.until, email != "")

    return rows


_WHOLE: Mapping[ExposedTable, Callable[[Search], Select[Any]]] = {
    ExposedTable.ORDERS: _of_orders,
    ExposedTable.DOCUMENTS: _documents,
    ExposedTable.LABELS: _labels,
    ExposedTable.ACCOUNTS: _of_account(Account, "accounts", Account.created_at),
    ExposedTable.PROFILES: _of_account(Profile, "profiles"),
    ExposedTable.ADDRESSES: _of_account(Address, "addresses"),
    ExposedTable.INVOICE_PROFILES: _of_account(InvoiceProfile, "invoice_profiles"),
    ExposedTable.CONSENTS: _addressed(Consent, Consent.email, Consent.recorded_at, Consent.language),
    ExposedTable.MAILS: _addressed(Mail, Mail.address, Mail.created_at, Mail.language),
    ExposedTable.WITHDRAWALS: lambda search: statements(search).where(Withdrawal.recorded_at <= search.until),
    ExposedTable.REGISTRATIONS: _addressed(
        Registration, Registration.email, Registration.created_at, Registration.language
    ),
}
