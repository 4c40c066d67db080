"""Restriction of processing (S63–S65, GDPR Art. 18): while one is in force the person's data are stored, no more.

What is left open: an act of the person's own, performing a contract that is under way, a legal claim, and what was
agreed to after the restriction began. `app.privacy.restricting` is the one gate; whoever uses data asks it, and what
it is not told the use of is refused. The person is told before a restriction is lifted.
"""
