"""Taking consents back, by anybody and as easily as they are given (GDPR Art. 7(3), S18, C9, C11, C17).

What is only marketing stops in the same transaction, on anybody's word, for the address named: a wrong word costs an
offer, a wait would cost the right (S72). What withdrawal destroys, as an account, is proved first by a mailed link. No
answer tells whether an address is known. The list of suppressed addresses holds keyed hashes and has no end.
"""
