"""Profiles of shoppers: name, addresses, invoice data, consents.

An account comes to be when its address is proved, by whoever chose its password; until then a registration is only a
promise that expires. A profile without a purchase rests on consent (S13): taken back, the account is closed. Nothing
tells a stranger whether an address has an account, neither words nor time.
"""
