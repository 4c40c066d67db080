"""How many examples a property is tried on: few in `make test`, ten times as many in `make test-all`."""

from hypothesis import HealthCheck, settings

FEW, MANY = 30, 300

# How long an example takes says something of the machine and its other guests, not of the shop.
# The library throws dice of its own where it takes the machine for a CI's; here they are the run's (tests/dice.py).
settings.register_profile(
    "few", max_examples=FEW, deadline=None, derandomize=False, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("many", settings.get_profile("few"), max_examples=MANY)
settings.load_profile("few")


def examples(few: int) -> int:
    """Return how many to try where each takes long: so many, or ten times as many where the run takes many."""
    return few * settings().max_examples // FEW
