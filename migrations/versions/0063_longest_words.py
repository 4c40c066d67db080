"""Cut the words by which orders are searched at 500 letters, in the index as in the question.

A single sign can stand for six letters (㌖): of a company's name made of such the tsvector lost all words, and a
question was refused. What is said of any shorter word is as it was, so the index holds; works beside the release before.
"""

from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None

# A word of a tsvector has at most 2,046 bytes, a letter at most four.
ORDER_WORDS = r"""
CREATE OR REPLACE FUNCTION order_words(
    number bigint, first_name text, last_name text, email text, phone text, company_name text, company_eik text
) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1000
RETURN array_to_tsvector(ARRAY(
    SELECT {word} FROM regexp_split_to_table(search_letters(
        number || ' ' || coalesce(first_name, '') || ' ' || coalesce(last_name, '')
        || ' ' || split_part(coalesce(email, ''), '@', 1)
        || ' ' || coalesce(company_name, '') || ' ' || coalesce(company_eik, '')
    ), '[^[:alnum:]]+') AS word WHERE word <> ''
    UNION
    SELECT right(phone, digits) FROM generate_series(4, length(phone) - 1) AS digits
))
"""
SEARCH_QUERY = r"""
CREATE OR REPLACE FUNCTION search_query(typed text) RETURNS tsquery LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
    SELECT string_agg(quote_literal(coalesce(substring({word} FROM '^0+([0-9]+)$'), {word})) || ':*', ' & ')::tsquery
    FROM regexp_split_to_table(search_letters(typed), '[^[:alnum:]]+') AS word WHERE length(word) > 1
)
"""


def upgrade() -> None:
    for function in (ORDER_WORDS, SEARCH_QUERY):
        op.execute(function.format(word="left(word, 500)"))


def downgrade() -> None:
    for function in (ORDER_WORDS, SEARCH_QUERY):
        op.execute(function.format(word="word"))
