"""The checker of claims on histories that are known to be bad, one for each way to break a promise, and on good ones
that look like them."""

import pytest
from claim_history import (Events, by_name, extended, faults, granted, held, looked, refused, released, unknown, waits)
from claimcheck.checker import check
from claimcheck.client import leaves_open
from claimcheck.operation import FOREVER, History, Operation, digest, read_file, without_keys, write_file
from claimcheck.traffic import may_wait


# --- invariant 1: never two live claims


def test_claims_one_after_the_other_are_fine():
    assert faults([granted(0, 1, "a"), released(2, 3), granted(2.5, 4, "b", token=2)]) == set()


def test_two_claims_at_the_same_time_are_found():
    assert faults([granted(0, 1, "a"), granted(2, 3, "b", token=2)]) == {"never_shared"}


@pytest.mark.parametrize("told, shared", [(9.999, True), (10, False), (10.001, False)])
def test_a_lease_counts_until_its_end_and_no_longer(told, shared):
    history = [granted(0, 1, "a"), granted(9, told, "b", token=2)]
    assert faults(history) == ({"never_shared"} if shared else set())


@pytest.mark.parametrize("told, shared", [(14.999, True), (15, False)])
def test_an_extension_counts_from_when_it_was_sent(told, shared):
    history = [granted(0, 1, "a"), extended(5, 6), granted(9, told, "b", token=2)]
    assert faults(history) == ({"never_shared"} if shared else set())


def test_an_extension_without_an_answer_counts_for_nothing():
    lost = Operation("extend", 1, 5, FOREVER, None, {"claim": "s1"})
    assert faults([granted(0, 1, "a"), lost, granted(9, 10, "b", token=2)]) == set()


def test_a_claim_is_sure_only_until_its_release_is_sent():
    lost = Operation("release", 1, 4, FOREVER, None, {"claim": "s1"})
    assert faults([granted(0, 1, "a"), lost, granted(3, 4, "b", token=2)]) == set()
    assert faults([granted(0, 1, "a"), lost, granted(3, 3.9, "b", token=2)]) == {"never_shared"}


def test_a_lease_may_have_begun_with_a_call_that_had_no_answer():
    history = [unknown(0, "a"), granted(5, 6, "a"), granted(9, 12, "b", token=2)]
    assert faults(history) == set()  # a's lease may have ended at 10
    assert faults([granted(5, 6, "a"), granted(9, 12, "b", token=2)]) == {"never_shared"}


def test_a_lease_cannot_have_begun_before_an_answer_that_says_wait():
    history = [unknown(0, "a"), waits(4, 4.5, "a"), granted(5, 6, "a"), granted(9, 12, "b", token=2)]
    assert faults(history) == {"never_shared"}  # it began at 4 or later


def test_a_claim_and_a_seed_claim_at_the_same_time_are_found():
    assert faults([granted(0, 1, "a"), by_name("seed_claim", 2, 3)]) == {"never_shared"}
    assert faults([by_name("seed_claim", 0, 1), granted(2, 3, "a", token=2)]) == {"never_shared"}


def test_a_seed_claim_ends_by_anybodys_release_or_by_the_sweep():
    later = granted(6, 7, "a", token=2)
    assert faults([by_name("seed_claim", 0, 1), by_name("seed_release", 5, 5.5), later]) == set()
    assert faults([by_name("seed_claim", 0, 1), later], expiry=7) == set()
    assert faults([by_name("seed_claim", 0, 1), later], expiry=7.1) == {"never_shared"}
    assert faults([by_name("seed_claim", 0, 1), by_name("seed_release", 5, 5.5, 400), later]) == {"never_shared"}


def test_a_seed_release_without_an_answer_may_end_a_later_seed_claim():
    lost = by_name("seed_release", 0, None, None)
    assert faults([lost, by_name("seed_claim", 1, 2), granted(3, 4, "a", token=2)]) == set()
    lost.answered = 0.9  # it was over by then
    assert faults([lost, by_name("seed_claim", 1, 2), granted(3, 4, "a", token=2)]) == {"never_shared"}


def test_a_claim_during_a_hold_is_found():
    history = [granted(0, 1, "a"), held(2, 3, 5), granted(4, 5, "b", token=2)]
    assert faults(history) == {"never_shared"}


def test_a_hold_is_over_at_its_time_or_by_its_claim_or_by_name():
    hold = [granted(0, 1, "a"), held(2, 3, 5)]
    assert faults([*hold, granted(6, 7, "b", token=2)]) == set()
    assert faults([*hold, released(4, 5), granted(4.5, 6, "b", token=2)]) == set()
    assert faults([*hold, by_name("seed_release", 4, 5), granted(4.5, 6, "b", token=2)]) == set()


def test_a_repeat_of_the_release_does_not_end_the_hold():
    history = [granted(0, 1, "a"), held(2, 3, 5), held(4, 4.1, 5), granted(4.5, 6, "b", token=2)]
    assert faults(history) == {"never_shared"}


def test_a_hold_may_have_begun_with_a_release_that_had_no_answer():
    lost = Operation("release", 1, 2, 2.5, None, {"claim": "s1", "keepSeconds": 5})
    assert faults([granted(0, 1, "a"), lost, held(4, 4.1, 5), granted(6, 7, "b", token=2)]) == set()
    assert faults([granted(0, 1, "a"), lost, held(4, 4.1, 5), granted(6, 6.9, "b", token=2)]) == {"never_shared"}


def test_an_admin_may_end_the_claim_that_he_names():
    history = [granted(0, 1, "a"), by_name("admin_release", 2, 3, fencingToken=1), granted(2, 4, "b", token=2)]
    assert faults(history) == set()
    history[1].body["fencingToken"] = 7
    assert faults(history) == {"never_shared"}


def test_only_a_disable_at_once_ends_a_claim():
    history = [granted(0, 1, "a"), by_name("disable", 2, 3, when="now"), granted(2, 4, "b", token=2)]
    assert faults(history) == set()
    history[1].body["when"] = "afterClaim"
    assert faults(history) == {"never_shared"}


def test_a_clock_that_may_run_fast_makes_leases_sure_for_a_shorter_time():
    history = [granted(0, 1, "a"), granted(9, 9.95, "b", token=2)]
    assert check(history, {"s": {}}, drift=0.01).faults == []
    assert check(history, {"s": {}}, drift=0.001).faults != []


# --- invariant 3: fencing tokens


def test_a_token_that_two_claims_share_is_found():
    history = [granted(0, 1, "a"), released(2, 3), granted(4, 5, "b", claim="other")]
    assert faults(history) == {"tokens_are_never_shared"}


def test_a_token_that_fell_is_found():
    history = [granted(0, 1, "a", token=5), released(2, 3, claim="s5", token=5), granted(4, 5, "b", token=4)]
    assert faults(history) == {"tokens_only_rise"}


def test_tokens_of_claims_that_overlap_may_come_in_any_order():
    history = [granted(0, 9, "a", token=5), granted(1, 2, "b", token=4), released(3, 4, claim="s4", token=4)]
    assert faults(history) == set()


def test_a_claim_that_changes_its_token_is_found():
    history = [granted(0, 1, "a"), looked(2, 3, token=2)]
    assert faults(history) == {"acknowledged_claims_stay"}


# --- invariants 2 and 5: what was acknowledged stays


@pytest.mark.parametrize("kind", [looked, extended, released])
def test_a_claim_that_is_lost_before_its_time_is_found(kind):
    assert faults([granted(0, 1), kind(2, 3, 410)]) == {"acknowledged_claims_stay"}


@pytest.mark.parametrize("answered, found", [(9.999, True), (10, False)])
def test_a_claim_may_be_lost_at_its_time(answered, found):
    assert faults([granted(0, 1), looked(9, answered, 410)]) == ({"acknowledged_claims_stay"} if found else set())


def test_a_claim_that_nobody_knows_any_more_is_found():
    assert faults([granted(0, 1), looked(20, 21, 404)]) == {"acknowledged_claims_stay"}


def test_a_claim_may_be_lost_once_somebody_may_have_ended_it():
    end = by_name("admin_release", 1.5, None, None, fencingToken=1)
    assert faults([granted(0, 1), end, looked(2, 3, 410)]) == set()
    lost = Operation("release", 1, 1.5, FOREVER, None, {"claim": "s1"})
    assert faults([granted(0, 1), lost, looked(2, 3, 410)]) == set()


def test_a_seed_release_does_not_end_a_claim_unless_the_server_lets_it():
    history = [granted(0, 1), by_name("seed_release", 1.5, 2), looked(2, 3, 410)]
    assert faults(history) == {"acknowledged_claims_stay"}
    assert faults(history, seed_release_ends_claims=True) == set()


def test_a_release_that_was_taken_back_is_found():
    assert faults([granted(0, 1), released(2, 3), looked(4, 5)]) == {"ended_claims_stay_ended"}
    assert faults([granted(0, 1), released(2, 4), looked(3, 5)]) == set()


def test_a_lost_claim_that_comes_back_is_found():
    assert faults([granted(0, 1), looked(10, 11, 410), looked(12, 13)]) == {"ended_claims_stay_ended"}


# --- invariant 4: a lost reply costs nothing


def test_a_repeat_that_is_given_another_claim_is_found():
    history = [granted(0, 1), granted(2, 3, stack="t")]
    assert faults(history) == {"repeats_give_the_same"}
    assert faults([granted(0, 1), granted(2, 3)]) == set()


@pytest.mark.parametrize("again", [waits(2, 3), refused(2, 3), refused(2, 3, status=410, code="request_ended")])
def test_a_repeat_that_is_given_nothing_while_the_claim_lives_is_found(again):
    assert faults([granted(0, 1), again]) == {"repeats_give_the_same"}


def test_a_repeat_may_be_given_nothing_once_the_claim_may_be_over():
    over = refused(10, 11, status=410, code="request_ended")
    assert faults([granted(0, 1), over]) == set()
    assert faults([granted(0, 1), released(2, 3), refused(4, 5, status=410, code="request_ended")]) == set()


def test_a_part_of_what_was_asked_for_is_found():
    assert faults([granted(0, 1, count=2)]) == {"repeats_give_the_same"}
    assert faults([granted(0, 1, stack=["s", "t"], count=2)]) == set()


def test_a_repeat_leaves_out_what_was_released_and_nothing_else():
    history = [granted(0, 1, stack=["s", "t"], count=2), released(2, 3), granted(4, 5, stack="t", count=2)]
    assert faults(history) == set()
    history[2] = granted(4, 5, stack="s", count=2)
    assert "repeats_give_the_same" in faults(history)


def test_a_request_that_is_said_to_ask_for_something_else_is_found():
    again = refused(2, 3, code="request_conflict", waitSeconds=1)
    assert faults([waits(0, 1), again]) == {"repeats_give_the_same"}
    again.body["priority"] = 1
    assert faults([waits(0, 1), again]) == set()


def test_two_requests_with_one_claim_are_found():
    assert faults([granted(0, 1, "a"), granted(0, 1, "b")]) == {"requests a and b were given the same claim of s"}


def test_a_release_that_is_answered_otherwise_the_second_time_is_found():
    history = [granted(0, 1), held(2, 3, 5), held(4, 5, 5, heldUntil="later")]
    assert faults(history) == {"releases_are_answered_alike"}


def test_a_withdrawn_request_with_a_claim_is_found():
    withdrawn = Operation("withdraw", 1, 2, 3, 204, {"requestId": "r"})
    assert faults([waits(0, 1), withdrawn, granted(4, 5)]) == {"withdrawn_requests_are_over"}
    assert faults([granted(0, 1), withdrawn]) == {"withdrawn_requests_are_over"}
    assert faults([waits(0, 1), withdrawn]) == set()


# --- invariant 6: order


def test_one_that_is_passed_is_found():
    passed = [waits(0, 1, "first"), granted(2, 3, "second"), waits(4, 5, "first")]
    assert faults(passed) == {"order_is_kept"}


def test_calls_that_overlap_may_be_served_in_any_order():
    assert faults([waits(0, 2.5, "first"), granted(2, 3, "second"), waits(4, 5, "first")]) == set()


@pytest.mark.parametrize("told, found", [(5.999, True), (6, False)])
def test_one_that_has_not_called_for_too_long_may_be_passed(told, found):
    history = [waits(1, 1.5, "first"), granted(2, told, "second"), waits(told, 7, "first")]
    events = Events().grant("second").grant("first", token=2)
    assert ("order_is_kept" in faults(history, events)) == found


def test_the_events_tell_who_was_first():
    history = [waits(0, 1, "first"), granted(2, 4, "second", "t"), granted(3, 5, "first", "s")]
    assert faults(history) == set()  # by the clients' clocks it may be either
    assert faults(history, Events().grant("first").grant("second", "t")) == set()
    assert faults(history, Events().grant("second", "t").grant("first")) == {"order_is_kept"}


def test_an_offer_is_a_turn_and_one_that_lapsed_is_none():
    history = [waits(0, 1, "first"), granted(2, 4, "second", "t", token=2)]
    offered = Events().grant("first", "t", kind="offered")
    assert faults(history, offered.end("offer_lapsed", "first", "t").grant("second", "t", 2)) == {"order_is_kept"}
    history[1] = granted(2, 4, "second", "t")
    assert faults(history, Events().grant("first", kind="offered").grant("second", "t")) == set()


def test_the_larger_priority_goes_first_though_it_came_later():
    history = [waits(0, 1, "low", priority=-1), waits(1.5, 1.8, "high", priority=1)]
    fine = [*history, waits(2, 2.2, "high", priority=1), granted(3, 3.5, "high", priority=1),
            waits(4, 4.1, "low", priority=-1)]
    assert faults(fine) == set()
    bad = [*history, waits(2, 2.1, "low", priority=-1), granted(2.5, 3, "low", priority=-1),
           waits(3.5, 4, "high", priority=1)]
    assert faults(bad) == {"order_is_kept"}


def test_a_stack_that_does_not_suit_may_go_to_others():
    history = [waits(0, 1, "first", labels={"size": "xl"}), granted(2, 3, "second", "t"),
               waits(4, 5, "first", labels={"size": "xl"})]
    assert faults(history) == set()
    history[1] = granted(2, 3, "second", "s")
    assert faults(history) == {"order_is_kept"}


def test_one_for_several_is_not_passed_by_a_small_one():
    history = [waits(0, 1, "two", count=2), granted(2, 3, "one"), waits(4, 5, "two", count=2)]
    assert faults(history) == {"order_is_kept"}


def test_one_for_several_may_be_passed_while_a_stack_is_disabled():
    history = [waits(0, 1, "two", count=2), granted(2, 3, "one"), waits(4, 5, "two", count=2),
               by_name("disable", 0, 1, stack="t", when="now")]
    events = Events().add("disabled", "t", 0, "available", "disabled", by="admin").grant("one")
    assert faults(history, events) == set()


def test_one_that_was_withdrawn_may_be_passed():
    withdrawn = Operation("withdraw", 1, 2.5, FOREVER, None, {"requestId": "first"})
    assert faults([waits(0, 1, "first"), withdrawn, granted(2, 3, "second")], Events().grant("second")) == set()


def test_a_stack_of_ones_own_making_takes_nobodys_turn():
    made = granted(2, 3, "second")
    made.answer["claims"][0]["created"] = True
    assert faults([waits(0, 1, "first"), made, waits(4, 5, "first")]) == set()


def test_orders_that_are_kept_are_counted():
    history = [waits(0, 1, "first"), granted(2, 4, "second", "t"), granted(3, 5, "first", "s")]
    assert check(history, {"s": {}, "t": {}}).orders == 1


# --- the server's own history


def test_a_history_that_tells_the_same_is_fine():
    events = Events().grant(seconds=0.5).end(seconds=2.5)
    stacks = {name: {"state": "available", "fencingToken": token} for name, token in (("s", 1), ("t", 0))}
    assert faults([granted(0, 1), released(2, 3)], events, stacks=stacks) == set()


def test_a_grant_that_was_not_written_down_is_found():
    assert faults([granted(0, 1)], Events()) == {"claims_have_their_events"}


def test_a_grant_in_the_name_of_another_request_is_found():
    history = [granted(0, 1), waits(0, 1, "other")]
    assert "claims_have_their_events" in faults(history, Events().grant("other"))


def test_a_claim_that_ended_twice_is_found():
    events = Events().grant().end()
    events.all.append({**events.all[-1], "id": 99})
    assert "claims_have_their_events" in faults([granted(0, 1), released(2, 3)], events)


def test_a_release_that_was_not_written_down_is_found():
    assert faults([granted(0, 1), released(2, 3)], Events().grant()) == {"ends_have_their_events"}


def test_a_loss_that_was_not_written_down_is_found():
    assert faults([granted(0, 1), looked(11, 12, 410)], Events().grant()) == {"ends_have_their_events"}


@pytest.mark.parametrize("seconds, early", [(9.999, True), (10, False)])
def test_a_lease_that_ended_early_by_the_servers_own_words_is_found(seconds, early):
    events = Events().grant().end("expired", by="time", seconds=seconds)
    assert faults([granted(0, 1)], events) == ({"leases_end_in_time"} if early else set())


def test_a_grant_that_nobody_asked_for_is_found():
    assert faults([], Events().grant("nobody")) == {"grants_were_asked_for"}
    assert "grants_were_asked_for" in faults([granted(0, 1, stackName="t")], Events().grant())


def test_a_release_that_its_owner_did_not_ask_for_is_found():
    assert faults([granted(0, 1)], Events().grant().end()) == {"releases_were_asked_for"}
    lost = Operation("release", 1, 4, FOREVER, None, {"claim": "s1"})
    assert faults([granted(0, 1), lost], Events().grant().end()) == set()


def test_a_request_that_ended_without_ever_having_had_anything_is_found():
    assert faults([refused(0, 1, status=410, code="request_ended")], Events()) == {"ends_were_granted_before"}
    over = Events().grant().end("expired", by="time", seconds=10)
    assert faults([unknown(0), refused(11, 12, status=410, code="request_ended")], over) == set()


def test_seed_calls_are_counted_in_the_history():
    lost = by_name("seed_claim", 2, None, None)
    once = Events().add("claimed", "s", 1, "available", "claimed", by="seed")
    assert faults([by_name("seed_claim", 0, 1)], once) == set()
    assert faults([lost], once) == set()
    assert faults([lost], Events()) == set()
    assert faults([by_name("seed_claim", 0, 1)], Events()) == {"calls_by_name_have_their_events"}
    assert faults([by_name("seed_claim", 0, 1, 400)], once) == {"calls_by_name_have_their_events"}


def test_what_an_admin_did_is_in_the_history():
    for kind, event, to in (("admin_release", "released", "available"), ("admin_hold", "held", "held"),
                            ("disable", "disabled", "disabled")):
        done = by_name(kind, 2, 3, fencingToken=1, when="now")
        told = Events().grant().add(event, "s", 1, "claimed", to, by="admin")
        assert faults([granted(0, 1), done], told) == set()
        assert faults([granted(0, 1), done], Events().grant()) == {"calls_by_name_have_their_events"}
        assert faults([granted(0, 1)], told) == {"calls_by_name_have_their_events"}


@pytest.mark.parametrize("step", [
    ("claimed", "s", 2, "available", "claimed"),  # the token jumps
    ("claimed", "s", 0, "available", "claimed"),  # it stays
    ("claimed", "s", 1, "claimed", "claimed"),  # it was in use
    ("released", "s", 0, "claimed", "available"),  # it was not
    ("expired", "s", 0, "available", "available"),
    ("created", "s", 0, None, "available"),  # it was there
])
def test_a_walk_that_no_rule_allows_is_found(step):
    events = Events()
    events.add(*step, by="seed")
    assert "walks_are_legal" in faults([], events)


def test_events_whose_ids_or_times_fall_are_found():
    for key, value in (("id", 1), ("at", "2019-01-01T00:00:00.000Z")):
        events = Events()
        events.all[-1][key] = value
        assert "walks_are_legal" in faults([], events)


def test_a_stack_that_is_lost_in_the_end_is_found():
    free, used = {"state": "available", "fencingToken": 0}, {"state": "claimed", "fencingToken": 0}
    assert faults([], Events(), stacks={"s": free, "t": free}) == set()
    assert faults([], Events(), stacks={"s": free}) == {"all_are_accounted_for"}
    assert faults([], Events(), stacks={"s": free, "t": used}) == {"all_are_accounted_for"}
    assert faults([], Events(), stacks={"s": free, "t": {**free, "fencingToken": 1}}) == {"all_are_accounted_for"}


# --- several servers, and the original beside them


def test_a_release_by_the_original_ends_whatever_was_there():
    history = [granted(0, 1, "a"), by_name("original_release", 2, 3), granted(3.5, 4, "b", token=2)]
    assert faults(history) == set()
    assert faults([granted(0, 1, "a"), by_name("original_release", 2, 3, status=400),
                   granted(3.5, 4, "b", token=2)]) == {"never_shared"}
    assert faults([granted(0, 1, "a"), granted(1.5, 1.9, "b", token=2), by_name("original_release", 2, 3)]) == {
        "never_shared"}


def test_claims_of_the_original_are_claims():
    assert faults([by_name("original_claim", 0, 1), granted(2, 3, "a")]) == {"never_shared"}
    assert faults([by_name("original_claim", 0, 1), by_name("seed_claim", 2, 3)]) == {"never_shared"}
    assert faults([by_name("original_claim", 0, 1), by_name("original_claim", 2, 3)]) == {"never_shared"}
    assert faults([by_name("original_claim", 0, 1), by_name("seed_release", 2, 3), granted(4, 5, "a")]) == set()
    assert faults([by_name("original_claim", 0, 1), granted(2, 3, "a")], expiry=1) == set(), "it may be swept"


def test_a_loss_by_the_original_must_be_written_down_and_only_once():
    lost = [granted(0, 1), by_name("original_release", 2, 3), extended(4, 5, status=410)]
    told = Events().grant().end(by="seed")
    assert faults(lost, told, beside_original=True) == set()
    assert faults(lost, Events().grant(), beside_original=True) == {"ends_have_their_events"}
    assert faults([granted(0, 1)], told, beside_original=True) == {"calls_by_name_have_their_events"}


def test_walks_have_gaps_where_the_original_was_and_only_there():
    told = Events().add("swept", "s", 0, "claimed", "available", by="time")
    assert faults([], told) == {"walks_are_legal"}
    assert faults([], told, beside_original=True) == set()
    jumps = Events().grant(token=2)
    assert faults([granted(0, 1, token=2)], jumps, beside_original=True) == {"walks_are_legal"}
    free, used = {"state": "available", "fencingToken": 0}, {"state": "claimed", "fencingToken": 0}
    for shown, found in ((free, set()), (used, {"all_are_accounted_for"})):
        assert faults([], Events(), stacks={"s": free, "t": shown}, beside_original=True) == found


def test_the_end_of_a_claim_of_v1_may_not_be_missing_beside_the_original():
    """The original's own uses are missing from the history, and nothing else is."""
    jumps = Events().grant("a").grant("b", token=2)
    history = [granted(0, 1, "a"), by_name("original_release", 2, 3), granted(4, 5, "b", token=2)]
    assert faults(history, jumps, beside_original=True) == {"walks_are_legal"}
    told = Events().grant("a").end(request="a", by="seed").grant("b", token=2)
    assert faults(history, told, beside_original=True) == set()


@pytest.mark.parametrize("later, found", [(2_999_000, set()), (3_001_000, {"order_is_kept"})])
def test_at_several_servers_one_is_passed_if_nothing_is_kept_for_it(later, found):
    """It gets what is kept for it by the server that listens to it, at that one's next look."""
    history = [waits(0, 1, "first"), granted(2, 3, "second"), granted(4, 5, "first", "t")]
    events = Events().grant("second").grant("first", "t")
    events.all[-1]["id"] = events.all[-2]["id"] + later
    assert faults(history, events) == {"order_is_kept"}
    assert faults(history, events, replicas=True) == found


def test_events_of_several_servers_are_in_order_for_each_stack():
    events = Events().grant(seconds=2)
    events.add("claimed", "t", 1, "available", "claimed", by="seed", seconds=1)
    done = [granted(0, 3), by_name("seed_claim", 0, 3, stack="t")]
    assert faults(done, events) == {"walks_are_legal"}
    assert faults(done, events, replicas=True) == set()
    events.all.append(events.all.pop(-2))
    events.add("released", "t", 0, "claimed", "available", by="seed")
    assert "walks_are_legal" in faults([*done, by_name("seed_release", 4, 5, stack="t")], events, replicas=True)


def test_a_request_may_wait_as_long_as_nothing_says_otherwise():
    told = [waits(0, 1, "a"), unknown(0, "b"), refused(1, 2, "b"), granted(0, 1, "c"), unknown(0, "c"), refused(0, 1, "d")]
    assert may_wait(told) == {"a", "b"}


# --- what is written down


def test_a_history_is_read_as_it_was_written(tmp_path):
    operations = [granted(0, 1), unknown(2), released(4, 5)]
    write_file(tmp_path / "history", operations, pool={"s": {}}, ofServer={"expiry": 4})
    assert read_file(tmp_path / "history") == (operations, {"pool": {"s": {}}, "ofServer": {"expiry": 4}})


def test_no_key_is_written_down():
    shown = without_keys({"claims": [{"claimId": "secret.s", "stackName": "s"}]})
    assert shown == {"claims": [{"claim": digest("secret.s"), "stackName": "s"}]}


def test_an_answer_that_leaves_the_outcome_open_is_no_outcome():
    assert leaves_open(503, {"code": "outcome_unknown"}) and leaves_open(500, {}) and leaves_open(503, {})
    assert not leaves_open(503, {"code": "store_unavailable"}) and not leaves_open(409, {})


def test_threads_lose_no_operation():
    history = History()
    history.add(granted(0, 1))
    assert len(history) == 1
