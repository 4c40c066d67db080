"""The one place that picks adapters and handlers, and turns settings into the values that domains take.

Only entry points and tests import it. Its parts are imported one by one: who serves HTTP loads none of what draws
PDFs and calls out.
"""
