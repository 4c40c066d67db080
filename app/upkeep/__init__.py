"""Upkeep: backups, checks of integrity, versions of what runs here (S40 to S43).

Each run leaves a record that nobody changes afterwards, whether it went well or not. A backup is one snapshot of the
whole database, encrypted and authenticated; it is believed only after it was read back. Nothing personal stands in a
file's name, in a record or in a log: findings name tables, constraints, blocks and ids.
"""
