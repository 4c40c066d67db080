"""Orders: what was bought, by whom, at which price, frozen at the moment of buying.

`states.move` alone changes the status, and records each change. What a change sets off is `fulfilment`'s to know.
A stranger's order is not found: only `get_own_…` reads an order for a customer.
"""
