"""Carts: what somebody means to buy; nothing personal. Who knows the secret id may change it until it is ordered."""
