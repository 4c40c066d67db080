"""Who is calling, and what they may do.

- A machine proves itself with a client id and a secret and gets an access token of 15 minutes for the scopes it asks.
- A token is a claim, not the last word: each request looks up whether its client still exists and may still do it.
- Every route is guarded (`guards.guard`) or is listed as public; a guest's order opens with that order's own token.
- Locks are taken in this order: the account or member of staff (`FOR NO KEY UPDATE`, which lets others refer to it,
  as an order does that is being placed), carts and registrations by id, orders by id, mails, mailed links, login
  sessions, their refresh tokens, and last the head of the audit log (`auditing.recording.note`). Whoever needs some of
  these leaves out the others; what cleans up (`core.db.forget`) waits for none.
- Secrets are shown once and kept as hashes; none is in a log, an exception or a `repr`.
"""
