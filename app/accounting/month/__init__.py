"""The accountant's month: what was sold, by which documents, in the files that the NRA and other programs read.

- A month is Bulgaria's; what happened at its edges is in the month of the day there, through both changes of the clock.
- Every file is written from the same rows: what they add up to is compared, and differences are told line by line.
- A closed month stays as it was; what is learnt later is in the next one that is open.
"""
