"""Payments: what is owed for an order and whether it came; money is received when a person or a bank says so."""
