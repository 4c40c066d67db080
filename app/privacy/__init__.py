"""Privacy: what people are told and accept, who receives their data, and the record of each handing over.

Declarations, acceptances, consents, agreements and disclosures are tables of record: they are added to, never changed.
A text is published by a migration, from `texts/<purpose>/<version>.<language>.md`; every acceptance keeps its hash.
Nothing personal leaves the house but through `disclosing.disclose`: without an agreement on record it refuses (S38).
"""
