"""The retention engine (S30, S45–S48): every class and every state of personal data has a rule, and rules are run.

A rule says from which moment a term runs, how long, by which law, and what happens then. A run counts what is due and
lets go of it in small transactions, each of which stands for itself: a run that is killed is gone on with by the next
one. What a dispute needs is held, with an end (S48). What no date decides is a rule too: it says until when.
"""
