"""The clients register with the policy's seven columns (S50–S57): one row for each order, and each account without one.

What a restricted person's row says is storing and a legal duty of the shop, so that it stays, marked as restricted.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import compress
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from app.backoffice import clients_queries as queries
from app.backoffice.desks import Desks, read_desks
from app.backoffice.register import Cell, Column, Entry, Paged, Plain, Reading, RegisterName, plain
from app.core.clock import legal_date
from app.core.language import Language, Text
from app.core.personal import Category, Ground, Recipient, Retention
from app.fulfilment.order_terms import Part, Term, list_terms
from app.privacy.storage_terms import BOOKS, stated
from app.privacy.words import CATEGORIES, GROUNDS_SHORT, RECIPIENTS

ORDER, ACCOUNT = "order", "account"
Found = Row[*tuple[Any, ...]]
LARGEST = 2**63
DAYS = 1_000
HELD = [CATEGORIES[category] for category in queries.HELD]
OPEN = {
    Part.UNDER_WAY: Text("до изпълнение на договора", "until the contract is performed"),
    Part.CONTACT: Text("данни за връзка: докато се уреди дължимото", "contact data: until what is owed is settled"),
}
PARTS = {
    Part.WITHOUT: Text("всичко", "everything"),
    Part.CONTACT: Text("данни за връзка", "contact data"),
    Part.SOLD: Text("име, адрес, артикули и плащане", "name, address, articles and payment"),
    Part.DOCUMENTS: Text("счетоводни документи", "accounting documents"),
    Part.DISPUTED: Text("всичко, за спор", "everything, for a dispute"),
}

COLUMNS = (
    Column("who", Text("Клиент", "Client"), 6),
    Column("categories", Text("1. Категории лични данни", "1. Categories of personal data"), 5),
    Column("ordered_at", Text("2. Поръчка / приета декларация", "2. Order / declaration accepted"), 5),
    Column("term", Text("3. Срок на съхранение", "3. Term of storage"), 5),
    Column("ground", Text("4. Основание", "4. Ground")),
    Column("given_to", Text("5. Предоставени на", "5. Given to"), 6),
    Column("rights", Text("6. Упражнени права", "6. Rights exercised"), 5),
    Column("authority", Text("7. Уведомена КЗЛД", "7. КЗЛД notified")),
    Column("restricted", Text("Ограничено", "Restricted"), 3),
)


class Cursor:
    """Orders come first, by their number; then accounts, by their id."""

    @staticmethod
    def kind(value: str) -> str:
        if value not in {ORDER, ACCOUNT}:
            raise ValueError("no kind of row")
        return value

    @staticmethod
    def place(value: Any) -> int | UUID:
        if type(value) is int and 0 < value < LARGEST:
            return value
        return UUID(value)


async def _page(reading: Reading, words: str | None, after: tuple[Any, ...] | None, limit: int) -> Sequence[Entry]:
    kind, place = after or (ORDER, None)
    if kind == ORDER and isinstance(place, UUID):
        return []
    orders: Sequence[Found] = []
    if kind == ORDER:
        orders = await queries.list_orders(reading.session, words, place, limit)
    below = place if kind == ACCOUNT and isinstance(place, UUID) else None
    accounts: Sequence[Found] = []
    if len(orders) < limit:
        left = limit - len(orders)
        accounts = await queries.list_accounts_without_order(reading.session, words, below, left)
    linked = await _read_linked(reading, orders, accounts)
    return [
        *(_order_entry(row, linked) for row in orders),
        *(_account_entry(reading, row, linked) for row in accounts),
    ]


class _Linked:
    """What other domains say of the rows of a page."""

    def __init__(self, desks: Desks, terms: Mapping[UUID, Sequence[Term]]) -> None:
        self.terms = terms
        self.given = defaultdict[UUID, list[Plain]](list)
        self.given_to_person = defaultdict[str, list[Plain]](list)
        self.desks = desks


async def _read_linked(reading: Reading, orders: Sequence[Found], accounts: Sequence[Found]) -> _Linked:
    ids, emails = [row.id for row in orders], [row.email for row in (*orders, *accounts)]
    owners = [*(row.account_id for row in orders if row.account_id), *(row.id for row in accounts)]
    desks = await read_desks(reading.session, emails, owners)
    linked = _Linked(desks, await list_terms(reading.session, reading.stated.terms, ids, at=reading.at))
    for order_id, given in (await queries.given_by_order(reading.session, ids)).items():
        linked.given[order_id] += [_given(each.recipient, legal_date(each.last_at)) for each in given]
    for once in await queries.given_once(reading.session, ids, emails):
        what = _dated(Text(once.recipient, once.recipient), legal_date(once.at))
        if once.order_id:
            linked.given[once.order_id].append(what)
        else:
            linked.given_to_person[once.email or ""].append(what)
    return linked


def _order_entry(row: Found, linked: _Linked) -> Entry:
    terms = linked.terms[row.id]
    grounds = [Ground.CONTRACT, *([Ground.LEGAL_OBLIGATION] if any(each.law == BOOKS for each in terms) else [])]
    cells: Mapping[str, Cell] = {
        "who": [f"№ {row.number}", f"{row.first_name} {row.last_name}".strip(), row.email],
        "categories": [*compress(HELD, row[-len(HELD) :]), CATEGORIES[Category.ORDER]],
        "ordered_at": [row.placed_at, _accepted(row)],
        "term": [*_terms(terms, row)],
        "ground": [GROUNDS_SHORT[ground] for ground in grounds],
        "given_to": [*linked.given[row.id], *linked.given_to_person[row.email.lower()]],
        **_desks(row, row.account_id, linked),
    }
    return Entry((ORDER, row.number), cells, f"order:{row.number}")


def _account_entry(reading: Reading, row: Found, linked: _Linked) -> Entry:
    held = [Category.NAME, Category.EMAIL]
    held += [each for each in (Category.PHONE, Category.ADDRESS, Category.INVOICE) if getattr(row, each.value)]
    cells: Mapping[str, Cell] = {
        "who": [Text("профил без поръчка", "account without an order"), f"{row.first_name} {row.last_name}", row.email],
        "categories": [CATEGORIES[category] for category in held],
        "ordered_at": [_accepted(row)],
        "term": [stated(reading.stated.terms)[Retention.ACCOUNT].how_long],
        "ground": [GROUNDS_SHORT[Ground.CONSENT]],
        "given_to": [*linked.given_to_person[row.email.lower()]],
        **_desks(row, row.id, linked),
    }
    return Entry((ACCOUNT, row.id), cells, f"account:{row.id}")


def _accepted(row: Found) -> Text:
    version, at = row.version, plain(row.accepted_at, Language.BG)
    return Text(f"декларация {version}, приета {at}", f"declaration {version}, accepted {at}")


def _desks(row: Found, account_id: UUID | None, linked: _Linked) -> Mapping[str, Cell]:
    whose, desks = row.email.lower(), linked.desks
    return {
        "rights": desks.rights.get(whose, ()),
        "authority": desks.authority.get(whose, ()),
        "restricted": whose in desks.restricted or account_id in desks.restricted,
    }


def _terms(terms: Sequence[Term], row: Found) -> Iterator[Text]:
    """Say to which day each part is kept, as the certificate of an erasure does (S53)."""
    for term in terms:
        if term.part is Part.CONTACT and not row.email:
            continue
        yield _until(PARTS[term.part], term.until) if term.until else OPEN[term.part]


# The same few things are said of as many days as the register has: orders of one day have the same terms.
@lru_cache(DAYS)
def _given(to: Recipient, day: date) -> Text:
    return _dated(RECIPIENTS[to], day)


def _dated(what: Text, day: date) -> Text:
    return Text(f"{what.bg}, {day:%d.%m.%Y}", f"{what.en}, {day:%d.%m.%Y}")


@lru_cache(DAYS)
def _until(what: Text, day: date) -> Text:
    return Text(f"{what.bg}: до {day:%d.%m.%Y}", f"{what.en}: until {day:%d.%m.%Y}")


CLIENTS = Paged(
    RegisterName.CLIENTS,
    Text("Регистър „Клиенти“", "Register “Clients”"),
    COLUMNS,
    (Cursor.kind, Cursor.place),
    _page,
)
