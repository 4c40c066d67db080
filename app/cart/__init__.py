"""Carts: what somebody means to buy; nothing personal. Who knows the secret id may change it until it is ordered.

An account has one open cart. Where two become one, the larger quantity of each article counts, so that nobody ends up
with more than they ever put in.
"""
