"""The breach desk (GDPR Art. 33, 34): every breach is documented, the authority and the people are told in time.

Discovery starts the 72 hours. Facts, consequences, measures and the assessment of the risk are dated entries that are
added to, never changed (S80, S83); without all four a breach is neither notified nor closed (S82). Who is affected is
computed from the logs of accesses and disclosures, and by default everybody affected is told (S81). A drill runs the
same course: it is marked as one everywhere and writes to no customer.
"""
