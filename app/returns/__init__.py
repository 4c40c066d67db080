"""Withdrawals: a consumer's statement that they withdraw from the contract (чл. 50–55 ЗЗП).

- Every statement is accepted and kept as it was made, whichever order it names, in time or not, whatever the goods;
  nothing but an erasure that the law asks for ends it.
- What is done about a statement (its order, whose it is, the money) is recorded beside it.
- The answer says what was stated and nothing of whether there is such an order.
"""
