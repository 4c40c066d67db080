"""The audit log: who logged in, who changed rights, who of the staff read or changed personal data.

Each entry's hash covers the entry and the hash before it, so that nobody changes, removes or reorders entries
unnoticed. The database itself numbers and links them, and refuses UPDATE, DELETE and TRUNCATE. Who can switch that off
could write the whole log anew: this shows against a head that was noted down elsewhere (the log line `audit_head`).
Entries name people by the ids of their rows and hold nothing personal beyond that.
"""
