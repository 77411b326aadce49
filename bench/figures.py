"""Medians and ratios over the rows of a benchmark, and what they were to reach."""

from statistics import median

MIB = 1024 * 1024
MILLION = 1_000_000
MANY_WAITERS = 10_000


def in_mib(value):
    return None if value is None else value / MIB


def in_kib(value):
    return None if value is None else value / 1024


def rates_of(results, part):
    return results.get(part, {}).get("rates", [])


def order(rows, field):
    return list(dict.fromkeys(row[field] for row in rows))


def tables_in(rates):
    found = sorted({(row["stacks"], row["repos"]) for row in rates})
    return [{"stacks": stacks, "repos": repos} for stacks, repos in found]


def table_title(what):
    return f"{what['stacks']:,}" + (f" of {what['repos']:,} repos" if what["repos"] > 1 else "")


def matches(row, where):
    return all(row[key] == value for key, value in where.items())


def middle(rows, field, **where):
    """The median over the rounds; nothing if this was not measured."""
    found = [row[field] for row in rows if matches(row, where)]
    return median(found) if found else None


def by_round(rows, field, **where):
    return {row["round"]: row[field] for row in rows if matches(row, where)}


def middle_ratio(above, below):
    """The median of the ratios round by round: both sides of each were measured within a minute."""
    both = [above[number] / below[number] for number in above if number in below]
    return median(both) if both else None


def ratio(rates, peer, ours="bdd-lock", **where):
    return middle_ratio(by_round(rates, "per_second", peer=ours, **where),
                        by_round(rates, "per_second", peer=peer, **where))


def one_connection_costs(results):
    one = results.get("seed", {}).get("one", [])
    if not one:
        return []
    return [("4 KiB appended and fdatasync, µs", [each["append_us"] for each in one]),
            ("4 KiB overwritten and fdatasync, µs", [each["overwrite_us"] for each in one]),
            ("GET /healthz, one connection, µs", [each["round_trip_us"] for each in one])]


def one_connection(results, ours):
    """Against the append, and against the overwrite only in the table of costs: see the prose."""
    claim = middle(rates_of(results, "seed"), "claims_p50_us", peer=ours, stacks=1000, connections=1)
    one = results.get("seed", {}).get("one")
    if claim is None or not one:
        return None
    return claim / median(each["append_us"] + each["round_trip_us"] for each in one)


def size_ratio(rates, ours, connections):
    """What a claim takes among a million stacks, times what it takes among a thousand."""
    large, small = (by_round(rates, "claims_p50_us", peer=ours, stacks=stacks, connections=connections)
                    for stacks in (MILLION, 1_000))
    return middle_ratio(large, small)


def goals(results, ours):
    """(what, goal, measured, how it is shown, whether less is better); measured is None where it was not."""
    yield from goals_of_rates(results, ours)
    yield from goals_of_costs(results)
    yield from goals_of_waiters(results.get("waiters", {}).get("rows", []))
    yield from goals_on_dynamodb(results.get("dynamodb"))


def goals_of_rates(results, ours):
    seed, v1, scale = (rates_of(results, part) for part in ("seed", "v1", "scale"))
    for connections, goal in ((64, 1.3), (256, 1.2)):
        yield (f"claims by name and releases a second at {connections} connections, times Redis", goal,
               ratio(seed, "Redis", ours, stacks=1000, connections=connections), ".2f", False)
    yield ("a claim at one connection, times one fdatasync and one HTTP round trip", 1.3,
           one_connection(results, ours), ".2f", True)
    for connections in (1, 64):
        yield (f"a claim by name among 1,000,000 stacks, times one among 1,000 (p50, {connections} connections)",
               1.5, size_ratio(seed, ours, connections), ".2f", True)
    for connections, goal in ((64, 1.1), (256, 1.0)):
        yield (f"claims of any stack and releases a second at {connections} connections, times Redis", goal,
               ratio(v1, "Redis", ours, stacks=1000, connections=connections), ".2f", False)
    for connections in (1, 64):
        yield (f"a claim of any stack among 1,000,000 of 1,000 repos, times one among 1,000 of one repo "
               f"(p50, {connections} connections)", 1.5, size_ratio(scale, ours, connections), ".2f", True)


def goals_of_costs(results):
    start, memory = results.get("start", {}), results.get("memory", {})
    yield "from start to the first answer, ms", 20, start.get("ms"), ".1f", True
    yield "resident memory, idle, MiB", 16, in_mib(memory.get("idle_bytes")), ".1f", True
    yield ("size of the binary, MB", 10,
           start["binary_bytes"] / 1e6 if "binary_bytes" in start else None, ".1f", True)
    yield ("what `bdd-lock run` adds to a command when a stack is free, ms", 20,
           results.get("run", {}).get("added_ms"), ".1f", True)
    yield from goals_of_function(results.get("lambda", {}))


def goals_of_function(function):
    zip_bytes = function.get("zip_bytes")
    yield "the Lambda function, from its start to the first answer, ms", 30, function.get("start_ms"), ".1f", True
    yield "resident memory of the Lambda function, MiB", 32, in_mib(function.get("resident_bytes")), ".1f", True
    yield "size of the Lambda function's zip, MB", 5, None if zip_bytes is None else zip_bytes / 1e6, ".2f", True


def goals_of_waiters(rows):
    many = {"waiters": MANY_WAITERS}
    p99 = middle(rows, "grants_p99_us", **many)
    yield ("from a release to the answer of the next of 10,000 waiting requests, p99, ms", 5,
           None if p99 is None else p99 / 1000, ".2f", True)
    yield ("resident memory for each of 10,000 waiting requests, KiB", 10,
           in_kib(middle(rows, "parked_bytes", **many)), ".1f", True)
    yield ("waiting requests that were granted in exact order", MANY_WAITERS,
           middle(rows, "served_in_order", **many), ",.0f", False)


def goals_on_dynamodb(part):
    if not part:
        return
    fewest, most = (pick(row["clients"] for row in part["rates"]) for pick in (min, max))
    for way in ("seed", "v1"):
        yield (f"DynamoDB Local, {way}: cycles a second at {most} clients, times the original's", 8,
               way_ratio(part["rates"], way, "original", most), ".1f", False)
    for way in ("seed", "v1"):
        alone, crowded = (next(row for row in part["calls"] if (row["way"], row["clients"]) == (way, clients))
                          for clients in (fewest, most))
        yield f"DynamoDB Local, {way}: writing calls a cycle, one client", 2, alone["writes_calls"], ".2f", True
        yield f"DynamoDB Local, {way}: reading calls a cycle, one client", 4, alone["reads_calls"], ".2f", True
        # Each cycle has one grant, and one release with its one write.
        yield (f"DynamoDB Local, {way}: writing calls a grant, {most} clients", 1.5, crowded["writes_calls"] - 1,
               ".2f", True)
    for way in ("seed", "v1"):
        yield (f"DynamoDB Local, {way}: growth of the claim's p99 from {fewest} to {most} clients, times that of bare "
               "transactions", 1.5,
               growth(part["rates"], way, fewest, most) / growth(part["rates"], "transaction", fewest, most),
               ".2f", True)
    yield ("DynamoDB Local: from a release at one server to the answer of a call that waits at another, median, ms",
           1000, median(part["wakes_ms"]), ".0f", True)


def way_ratio(rates, way, other, clients):
    return middle_ratio(*(by_round(rates, "per_second", way=each, clients=clients) for each in (way, other)))


def growth(rates, way, fewest, most):
    return (middle(rates, "takes_p99_ms", way=way, clients=most)
            / middle(rates, "takes_p99_ms", way=way, clients=fewest))
