"""Invoices and what corrects them.

- An invoice copies what it states (seller, buyer, lines, rates) and never changes; a note cures a mistake.
- Numbers are ten digits, rising, without gaps (ППЗДДС чл. 78); dates are dates in Bulgaria.
- Every amount is in euro alone (fact sheet 1.19); VAT is computed in `core/vat.py`; totals are sums of lines.
- `view` says what a document states, `rendering` draws it: pure, no session, the same view gives the same bytes.
- `einvoice` states the same as a file of EN 16931, which the PDF of an invoice or a note carries (Factur-X).
"""
