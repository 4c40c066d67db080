from app.integrations.circuit import Circuit, Outcome


class Watch:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_a_success_between_failures_keeps_it_closed() -> None:
    circuit = Circuit(failures=2)
    circuit.failed()
    circuit.succeeded()
    circuit.failed()
    assert circuit.admits()
    assert not circuit.is_open


def test_one_call_in_each_cool_down_tries_until_one_succeeds() -> None:
    watch = Watch()
    circuit = Circuit(failures=2, cool_down=30, monotonic=watch)
    circuit.failed()
    circuit.failed()
    admitted = []
    for watch.seconds in (0, 29, 30, 31, 59, 60, 61):
        admitted.append(circuit.admits())
        if admitted[-1]:
            circuit.failed()
    assert admitted == [False, False, True, False, False, True, False]
    circuit.succeeded()
    assert [circuit.admits(), circuit.admits()] == [True, True]


def test_f1_a_trial_is_let_through_once_whatever_came_before() -> None:
    circuit = Circuit(failures=1, cool_down=30, monotonic=Watch())
    circuit.failed()
    assert not circuit.admits()
    circuit.let_one_through()
    assert [circuit.admits(), circuit.admits()] == [True, False]


def test_every_call_is_counted_by_what_became_of_it() -> None:
    counted: list[Outcome] = []
    watch = Watch()
    circuit = Circuit(failures=1, monotonic=watch, count=counted.append)
    assert circuit.admits()
    circuit.succeeded()
    circuit.refused()
    circuit.failed()
    assert not circuit.admits()
    assert counted == [Outcome.ANSWERED, Outcome.REFUSED, Outcome.UNANSWERED, Outcome.HELD_BACK]
