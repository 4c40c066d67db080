"""`python -m app.cli`, where the command `shop` is not installed."""

from app.cli import main

main()
