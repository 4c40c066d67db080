"""Looks whether the shop's own books add up: stock, prices, documents, orders, and texts against their hashes."""

from dataclasses import dataclass

from app.upkeep.integrity.findings import Check
from app.upkeep.integrity.reading import Reader


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows that a select finds break it; its columns fill the sentence: ids, numbers, articles."""

    table: str
    broken: str
    select: str


LEDGERS = (
    Rule(
        "stock",
        "{0}: {1} on hand, the ledger adds up to {2}",
        """
        SELECT sku, stock.available, coalesce(moved.total, 0) FROM stock
        LEFT JOIN (SELECT sku, sum(change) AS total FROM stock_movements GROUP BY sku) AS moved USING (sku)
        WHERE stock.available <> coalesce(moved.total, 0) ORDER BY sku
        """,
    ),
    Rule(
        "stock",
        "{0}: {1} are counted as taken by unpaid orders, which hold {2}",
        """
        SELECT sku, stock.unpaid, coalesce(held.quantity, 0) FROM stock
        LEFT JOIN (
            SELECT sku, sum(quantity) AS quantity FROM order_lines JOIN orders ON orders.id = order_id
            WHERE orders.status = 'placed' AND kind = 'goods' GROUP BY sku
        ) AS held USING (sku)
        WHERE stock.unpaid <> coalesce(held.quantity, 0) ORDER BY sku
        """,
    ),
    Rule(
        "prices",
        "{0}: the price of now is not the last one of its history",
        """
        SELECT variants.sku FROM variants LEFT JOIN LATERAL (
            SELECT price, vat_rate FROM prices WHERE prices.sku = variants.sku ORDER BY id DESC LIMIT 1
        ) AS last ON true
        WHERE (variants.price, variants.vat_rate) IS DISTINCT FROM (last.price, last.vat_rate) ORDER BY sku
        """,
    ),
    Rule(
        "documents",
        "series {0}: {1} numbers between the first and the last are missing",
        """
        SELECT series, max(number::bigint) - min(number::bigint) + 1 - count(DISTINCT number) FROM documents
        GROUP BY series HAVING max(number::bigint) - min(number::bigint) + 1 <> count(DISTINCT number)
        """,
    ),
    Rule(
        "documents",
        "series {0}: number {1} was given more than once",
        "SELECT series, number FROM documents GROUP BY series, number HAVING count(*) > 1 ORDER BY 1, 2",
    ),
    Rule(
        "document_series",
        "series {0}: its counter says {1}, its last document is {2}",
        """
        SELECT key, last, max(number::bigint) FROM document_series JOIN documents ON series = key
        GROUP BY key, last HAVING last <> max(number::bigint)
        """,
    ),
    Rule(
        "documents",
        "{0} {1} does not add up: base and VAT are not the total",
        "SELECT series, number FROM documents WHERE base + vat <> total ORDER BY 1, 2",
    ),
    Rule(
        "orders",
        "order {0}: its lines do not add up to its total",
        """
        SELECT number FROM orders
        JOIN (SELECT order_id, sum(total) AS total FROM order_lines GROUP BY order_id) AS lines ON order_id = orders.id
        WHERE lines.total <> orders.total ORDER BY number
        """,
    ),
    Rule(
        "order_events",
        "order {0}: its status is not the last one of its history",
        """
        SELECT number FROM orders JOIN LATERAL (
            SELECT status FROM order_events WHERE order_id = orders.id ORDER BY id DESC LIMIT 1
        ) AS last ON true WHERE last.status <> orders.status ORDER BY number
        """,
    ),
)
HASHES = (
    Rule(
        "document_files",
        "{0} {1}: the file is not the one that was issued, its SHA-256 differs",
        """
        SELECT series, number FROM document_files JOIN documents ON documents.id = document_id
        WHERE encode(sha256(pdf), 'hex') <> document_files.sha256 ORDER BY 1, 2
        """,
    ),
    Rule(
        "labels",
        "shipment {0}: the label is not the one that came, its SHA-256 differs",
        "SELECT shipment_id FROM labels WHERE encode(sha256(pdf), 'hex') <> sha256 ORDER BY 1",
    ),
    Rule(
        "declarations",
        "{0} {1}: a text is not the one that was published, its SHA-256 differs",
        """
        SELECT purpose, version FROM declarations
        WHERE sha256_bg <> encode(sha256(convert_to(text_bg, 'UTF8')), 'hex')
            OR sha256_en <> encode(sha256(convert_to(text_en, 'UTF8')), 'hex') ORDER BY 1, 2
        """,
    ),
    Rule(
        "acceptances",
        "{0}: what was accepted is not the text of its declaration",
        """
        SELECT acceptances.id FROM acceptances JOIN declarations ON declarations.id = declaration_id
        WHERE text_sha256 <> CASE acceptances.language WHEN 'en' THEN sha256_en ELSE sha256_bg END ORDER BY 1
        """,
    ),
    Rule(
        "consents",
        "{0}: what was agreed to is not the text of its declaration",
        """
        SELECT consents.id FROM consents JOIN declarations ON declarations.id = declaration_id
        WHERE text_sha256 <> CASE consents.language WHEN 'en' THEN sha256_en ELSE sha256_bg END ORDER BY 1
        """,
    ),
)


async def check_ledgers(reader: Reader) -> Check:
    return await _ask("ledgers", LEDGERS, reader)


async def check_hashes(reader: Reader) -> Check:
    """Compute the hash of every kept file and text anew."""
    return await _ask("hashes", HASHES, reader)


async def _ask(name: str, rules: tuple[Rule, ...], reader: Reader) -> Check:
    check = Check(name)
    for rule in rules:
        for row in await reader.rows(rule.select):
            check.find(rule.table, rule.broken.format(*row))
        check.examined += 1
    reader.watch.tell(f"{name}: {check.examined} rules")
    return check
