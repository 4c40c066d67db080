"""Checks of the whole database (S41): pages, constraints, ledgers, hashes; each names what it found by table and id.

Nothing is changed and nobody is held up: every check reads in a short lock's reach, in a transaction that cannot write.
What this server or this role cannot do is said in the report, not passed over.
"""
