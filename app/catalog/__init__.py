"""Products, prices and stock.

A variant is what is bought, by its SKU; a product is what is shown. Prices are in euro with VAT, and every price a
variant ever had is kept. Stock never falls below nothing, and what is available is at any moment the sum of the
ledger's movements.
"""
