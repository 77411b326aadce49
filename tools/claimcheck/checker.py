"""All rules over one history."""

from dataclasses import dataclass

from . import order, rules, server_history
from .knowledge import Knowledge

FAULTS_SHOWN = 20  # of each rule


class Server:
    """What the server says in the end, when nobody uses it any more: its events, the oldest first, and its stacks
    by name. None: nobody asked."""

    def __init__(self, events=None, stacks=None):
        self.events = events
        self.stacks = stacks


@dataclass
class Verdict:
    """`faults`: sentences that say what a server that keeps its promises could not have let its clients see; none:
    all is well. `orders`: how many times it was sure that one request comes before another one."""
    faults: list
    orders: int


def check(operations, pool, server=None, replicas=False, beside_original=False, **of_server):
    """`pool`: stack name -> labels of all that there were. `replicas`, `beside_original`: whether there were several
    servers, and whether the original worked on the same table. `of_server`: see Knowledge."""
    server = server or Server()
    known = Knowledge(operations, **of_server)
    faults = list(known.faults)
    for rule in rules.RULES:
        faults += first_of(rule.__name__, rule(known))
    told = order.Told(server.events or ())
    orders = list(order.sure_orders(known, pool, told))
    faults += first_of("order_is_kept", order.order_is_kept(orders, told, replicas))
    if server.events is not None:
        faults += against_the_server(known, pool, server, replicas, beside_original)
    return Verdict(faults, len(orders))


def against_the_server(known, pool, server, replicas, beside_original):
    told = server_history.Told(server.events)
    walks = server_history.walks_are_legal(server.events, replicas, beside_original)
    faults = first_of("walks_are_legal", walks)
    for rule in server_history.CROSS_CHECKS:
        faults += first_of(rule.__name__, rule(known, told))
    if server.stacks is not None:
        accounted = server_history.all_are_accounted_for(server.stacks, pool, server.events, beside_original)
        faults += first_of("all_are_accounted_for", accounted)
    return faults


def first_of(rule, sentences):
    shown = [f"{rule}: {sentence}" for sentence in sentences]
    if len(shown) > FAULTS_SHOWN:
        shown[FAULTS_SHOWN:] = [f"{rule}: and {len(shown) - FAULTS_SHOWN} more"]
    return shown
