"""The checker itself, on histories known to be good and known to be bad."""

from history import Op, check, possible_states


def op(kind, sent, answered, outcome, client=1):
    return Op("s", kind, client, sent, answered, outcome)


def test_claims_one_after_the_other_are_explained():
    history = [op("claim", 0, 1, True), op("claim", 2, 3, False), op("release", 4, 5, True)]
    assert check(history, {"s": ("available", 1)}) == []


def test_two_claims_that_both_succeeded_are_found():
    history = [op("claim", 0, 1, True), op("claim", 2, 3, True, client=2)]
    assert check(history, {"s": ("claimed", 2)})


def test_two_overlapping_claims_that_both_succeeded_are_found():
    history = [op("claim", 0, 10, True), op("claim", 1, 9, True, client=2)]
    assert check(history, {"s": ("claimed", 2)})


def test_an_acknowledged_claim_that_is_gone_is_found():
    assert check([op("claim", 0, 1, True)], {"s": ("available", 0)})


def test_an_acknowledged_release_that_is_gone_is_found():
    history = [op("claim", 0, 1, True), op("release", 2, 3, True)]
    assert check(history, {"s": ("claimed", 1)})


def test_a_token_that_did_not_rise_is_found():
    history = [op("claim", 0, 1, True), op("release", 2, 3, True), op("claim", 4, 5, True)]
    assert check(history, {"s": ("claimed", 1)})
    assert check(history, {"s": ("claimed", 2)}) == []


def test_an_unknown_claim_may_be_there_or_not():
    history = [op("claim", 0, float("inf"), None)]
    assert possible_states(history) == {("claimed", 1), ("available", 0)}


def test_an_unknown_claim_may_take_effect_late():
    history = [op("claim", 0, float("inf"), None), op("claim", 1, 2, True), op("release", 3, 4, True)]
    assert check(history, {"s": ("claimed", 2)}) == []


def test_an_unknown_release_explains_the_next_claim():
    history = [op("claim", 0, 1, True), op("release", 2, float("inf"), None),
               op("claim", 5, 6, True, client=2)]
    assert check(history, {"s": ("claimed", 2)}) == []


def test_a_refusal_of_a_free_stack_is_found():
    assert check([op("claim", 0, 1, False)], {"s": ("available", 0)})


def test_a_stack_that_vanished_is_found():
    assert check([op("claim", 0, 1, True)], {})


def test_a_history_goes_on_from_where_the_table_was():
    history = [op("release", 0, 1, True), op("claim", 2, 3, True)]
    assert check(history, {"s": ("claimed", 8)}, {"s": ("claimed", 7)}) == []
    assert check(history, {"s": ("claimed", 8)}, {"s": ("available", 7)})
    assert check(history, {"s": ("claimed", 7)}, {"s": ("claimed", 7)})
