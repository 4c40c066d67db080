"""Pages for customers, rendered here: they stand whether or not a storefront does.

A page is an endpoint's function plus a template: whatever it does, a program can do by the contract. It works without
scripts, loads nothing from elsewhere, names nothing personal in its address, and sets no cookie but the one that opens
an order. A refusal comes back as a page: at the field that its pointer names, with what was typed kept.
"""
