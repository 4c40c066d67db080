"""One index for whoever is looked for: names in either alphabet, numbers, addresses, by the beginnings of words.

It is an index over what the row says, so that what is corrected or erased is found no more, and no release has anything
to write for it. Works beside the previous release; orders go on being written while it is built.
"""

from alembic import context, op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

# Written for the eye and by ear: what sounds alike, or is typed alike, is one (app.core.searching has the same table).
LETTERS = r"""
CREATE OR REPLACE FUNCTION search_letters(written text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN regexp_replace(regexp_replace(regexp_replace(regexp_replace(
    replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
    replace(replace(replace(replace(replace(replace(translate(
        lower(regexp_replace(normalize(written, NFKD), '[\u0300-\u036f]', '', 'g')),
        'абвгдежзиклмнопрстуфхъыьэєіґwjyułøđðı', 'abvgdeiziklmnoprstafhaiieeigviialoddi'
    ), 'zh', 'i'), 'tch', 'ch'), 'chr', 'hr'), 'ck', 'k'), 'ct', 'kt'), 'ph', 'f'), 'kh', 'h'), 'tz', 'ts'),
    'ff', 'v'), 'x', 'ks'), 'q', 'ia'), 'ц', 'ts'), 'ч', 'ch'), 'ш', 'sh'), 'щ', 'sht'), 'ю', 'ia'), 'я', 'ia'),
    'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'),
    '(?<=[a-z])4|4(?=[a-z])', 'ch', 'g'), '(?<=[a-z])6|6(?=[a-z])', 'sh', 'g'), 'c(?!h)', 'ts', 'g'),
    '([a-z])\1+', '\1', 'g')
"""
# Words, of which the beginning is typed; of a phone its last digits, from four on.
ORDER_WORDS = r"""
CREATE OR REPLACE FUNCTION order_words(
    number bigint, first_name text, last_name text, email text, phone text, company_name text, company_eik text
) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1000
RETURN array_to_tsvector(ARRAY(
    SELECT word FROM regexp_split_to_table(search_letters(
        number || ' ' || coalesce(first_name, '') || ' ' || coalesce(last_name, '')
        || ' ' || split_part(coalesce(email, ''), '@', 1)
        || ' ' || coalesce(company_name, '') || ' ' || coalesce(company_eik, '')
    ), '[^[:alnum:]]+') AS word WHERE word <> ''
    UNION
    SELECT right(phone, digits) FROM generate_series(4, length(phone) - 1) AS digits
))
"""
# A number without the zero that stands for the country, or for nothing; a single letter says too little to look for.
SEARCH_QUERY = r"""
CREATE OR REPLACE FUNCTION search_query(typed text) RETURNS tsquery LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
    SELECT string_agg(quote_literal(coalesce(substring(word FROM '^0+([0-9]+)$'), word)) || ':*', ' & ')::tsquery
    FROM regexp_split_to_table(search_letters(typed), '[^[:alnum:]]+') AS word WHERE length(word) > 1
)
"""
NAME = "ix_orders_words"
INDEX = """
ON orders USING gin (order_words(number, first_name, last_name, email, phone, company_name, company_eik))
WITH (gin_pending_list_limit = 512)
"""


def upgrade() -> None:
    for function in (LETTERS, ORDER_WORDS, SEARCH_QUERY):
        op.execute(function)
    if context.config.attributes.get("connection") is not None:  # a restore, all or nothing: nobody writes meanwhile
        op.execute(f"CREATE INDEX {NAME} {INDEX}")
        return
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {NAME}")  # what an attempt that was cut off left
        op.execute(f"CREATE INDEX CONCURRENTLY {NAME} {INDEX}")


def downgrade() -> None:
    op.execute(f"DROP INDEX {NAME}")
    op.execute("DROP FUNCTION search_query(text)")
    op.execute("DROP FUNCTION order_words(bigint, text, text, text, text, text, text)")
    op.execute("DROP FUNCTION search_letters(text)")
