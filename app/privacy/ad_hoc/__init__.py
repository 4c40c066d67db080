"""Data that left outside the standing ways: to an authority that may ask for them, a lawyer, an auditor, a consultant.

Each handing over is a record of its own: who, on which ground and paper, exactly which fields, whose (S32, C12). None
is recorded without its fields, and none is ever changed.
"""
