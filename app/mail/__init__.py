"""E-mails: each is promised once in the transaction that is its cause, and its sending is recorded (S47).

A mail knows whom it goes to and what it is about, by ids; its words are composed when it is sent, by whoever knows
what it is about. It may be sent twice when a process dies between the sending and the record: both then bear one
Message-ID.
"""
