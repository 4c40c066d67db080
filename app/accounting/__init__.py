"""The books: every sale is entered once in the accounting system, step by step.

- The remote number of each step is kept before the next step is sent; what was lost is looked up, never sent blindly.
- Nothing is finalised, which prints a fiscal receipt and cannot be undone, before the totals agree to the cent.
- What cannot be found out is never guessed: the posting is parked for a person.
- One account is spoken to by one request at a time, over all processes, each with a higher number than the last.
"""
