"""An independent check of EN 16931: how often each term may stand, and what the amounts have to make up."""
