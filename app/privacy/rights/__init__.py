"""The rights desk: what data subjects ask, by when they are answered, how that is decided, carried out, told (S59–S79).

A request is in one case file: its row, the log of events, attachments while it is under way, and each letter as it
was sent. Whoever asks is identified by a login, by a mailed link, or by the responsible person; whose data it is
about (`person_email`) is somebody else's address only for a proxy, whose power of attorney is seen first (S77).
Parts that are missing are asked for, never a reason to turn somebody away (S76). `states.move` alone writes the state.
"""
