"""Erasure that knows the books, travels and finishes by itself (S68–S70, GDPR Art. 17, 19).

What nothing holds goes at once; what a law holds is named with its last day, and goes then without anybody's help. Who
really received data of the person is told, and says that it was done. Each erasure is on record: which rows it was
about, under which address (sealed), what went and what is held; a restored backup is cleaned by that record again.
"""
