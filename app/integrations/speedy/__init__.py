"""Speedy, the courier: the adapter behind `shipping.ports.Courier`, and a simulator of its API."""
