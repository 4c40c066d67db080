"""One number seeds everything that the tests leave to chance: it is told at the end of a run, and can be given."""

import os
import random

_SEED = "SHOP_TEST_SEED"
# Kept in the environment, so that the run's worker processes and what they start throw the same dice.
SEED = int(os.environ.setdefault(_SEED, str(random.SystemRandom().randrange(10**6))))
_TEST = "PYTEST_CURRENT_TEST"
"""Where pytest keeps the name of the test under way; a process that a test starts inherits it."""


def dice(name: str = "") -> random.Random:
    """Return dice of this test's own; `name` tells them from others in the same test."""
    test = os.environ.get(_TEST, "").rpartition(" ")[0]
    return random.Random(f"{SEED} {test} {name}")
