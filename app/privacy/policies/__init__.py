"""The texts that people are shown, published by staff too, and their material changes announced (C21, S85).

A version never changes once it is published; it is in force from its own day on. A material change of a policy is told
personally to those with whom there is a ground: a contract under way, a consent. Each is told once.
"""
