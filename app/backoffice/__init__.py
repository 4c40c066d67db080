"""The registers that the responsible person keeps (S2, S49–S58): live views, dated exports, the inspection pack.

A register reads other domains' tables and owns none; it is one line of `catalogue.REGISTERS`, and every view, search,
CSV, PDF and part of the pack follows from that line. Only who holds `Right.READ_REGISTERS` comes here, with a training
on record, and each look and each export is in the audit.
"""
