"""Terms that the law sets and that domains which are strangers to each other count by."""

REFUND_DAYS = 14
"""After the seller was told of a withdrawal, or an order was called off, all that was paid is back (чл. 54 ЗЗП)."""

INVOICE_DAYS = 5
"""Within so many days of the tax event an invoice is issued, and of its own event a note (ЗДДС чл. 113 ал. 4, 115)."""
