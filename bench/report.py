"""The report of ./dev bench as Markdown: what was reached, and the tables behind it. Names the machine by
its parts only: no host name and no path."""

import os
import platform
import re
from pathlib import Path
from statistics import median

from figures import (MIB, goals, in_kib, in_mib, middle, one_connection_costs, order, rates_of, ratio, tables_in,
                     table_title)

OURS = "bdd-lock"
BEGIN, END = "<!-- bench begins: written by ./dev bench -->", "<!-- bench ends -->"


def machine(folder):
    cpu = re.search(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text())
    memory_kib = int(re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text()).group(1))
    release = re.search(r'PRETTY_NAME="(.*)"', Path("/etc/os-release").read_text())
    return {"cpu": cpu.group(1) if cpu else platform.machine(), "cores": os.cpu_count(),
            "memory_gib": round(memory_kib / MIB), "kernel": re.match(r"[\d.]+", platform.release()).group(0),
            "system": release.group(1), "filesystem": filesystem(folder)}


def filesystem(folder):
    """The type of what is mounted nearest above the folder."""
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    above = [(len(point), kind) for point, kind in mounts if Path(folder).resolve().is_relative_to(point)]
    return max(above)[1]


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def shown(value, form):
    return "" if value is None else format(value, form)


def combinations(rates):
    """(the row's first cells, the rows that it is about) for each table and number of connections."""
    for what in tables_in(rates):
        for connections in order(rates, "connections"):
            yield [table_title(what), str(connections)], {**what, "connections": connections}


def rate_table(rates):
    peers = order(rates, "peer")
    others = [peer for peer in peers if peer != OURS] if OURS in peers else []
    head = ["stacks", "connections", *(f"{peer}, 1/s" for peer in peers), *(f"times {peer}" for peer in others)]
    rows = [[*cells, *(shown(middle(rates, "per_second", peer=peer, **where), ",.0f") for peer in peers),
             *(shown(ratio(rates, peer, **where), ".2f") for peer in others)]
            for cells, where in combinations(rates)]
    return table(head, rows)


def latency_table(rates):
    fields = ("claims_p50_us", "claims_p99_us", "releases_p50_us", "releases_p99_us")
    head = ["stacks", "connections", "", "claim p50", "claim p99", "release p50", "release p99", "CPU, µs"]
    rows = [[*cells, peer, *(f"{middle(rates, field, peer=peer, **where) / 1000:.2f}" for field in fields),
             f"{middle(rates, 'cpu_us', peer=peer, **where):.0f}"]
            for cells, where in combinations(rates) for peer in order(rates, "peer")]
    return table(head, rows)


def goal_table(results):
    rows = []
    for what, goal, measured, form, less in goals(results, OURS):
        if measured is None:
            continue
        reached = measured <= goal if less else measured >= goal
        rows.append([what, f"at {'most' if less else 'least'} {goal:,}", format(measured, form),
                     "yes" if reached else "**no**"])
    return table(["", "to reach", "measured", "reached"], rows) if rows else ""


def cost_table(results):
    rows = [[what, f"{median(figures):.0f}"] for what, figures in one_connection_costs(results)]
    of_million = results.get("seed", {}).get("memory", {})
    for what, field in (("after their import", "million_bytes"),
                        ("after all the load and a list of them all", "million_after_bytes")):
        if field in of_million:
            rows.append([f"resident memory with 1,000,000 stacks, {what}, MiB",
                         f"{in_mib(of_million[field]):.1f}"])
    memory = results.get("memory")
    if memory:
        rows.append([f"resident memory for each idle connection, KiB (of {memory['connections']:,})",
                     f"{in_kib(memory['connection_bytes']):.1f}"])
    return table(["", "median"], rows) if rows else ""


def first_claims_table(rows):
    """Of tables of several repos: one claim alone tells nothing."""
    return table(["stacks", "", "p50, ms", "p99, ms"],
                 [[table_title(row), row["peer"], f"{row['claims_p50_us'] / 1000:.2f}",
                   f"{row['claims_p99_us'] / 1000:.2f}"] for row in rows if row["repos"] > 1])


def waiters_table(rows):
    head = ["waiting requests", "p50, ms", "p99, ms", "memory for each, KiB", "grants, all in order",
            "grants a second, one after the other"]
    lines = []
    for waiters in order(rows, "waiters"):
        of = {"waiters": waiters}
        many = waiters > 1  # one alone tells nothing about memory, nor about a line
        lines.append([f"{waiters:,}", f"{middle(rows, 'grants_p50_us', **of) / 1000:.2f}",
                      f"{middle(rows, 'grants_p99_us', **of) / 1000:.2f}",
                      f"{in_kib(middle(rows, 'parked_bytes', **of)):.1f}" if many else "",
                      f"{sum(row['in_order'] for row in rows if row['waiters'] == waiters):,}",
                      f"{middle(rows, 'served_per_second', **of):,.0f}" if many else ""])
    return table(head, lines)


RATE_PARTS = (("seed", "Claims by name, as the seed's API has them"),
              ("v1", "Claims of any stack of a repo, as the API v1 has them"),
              ("scale", "Claims of any stack of a repo, among few and among many"))


def render(results):
    where = results["machine"]
    versions = ", ".join(f"{title} {version}" for title, version in results["versions"].items())
    parts = [f"{where['cpu']}, {where['cores']} cores, {where['memory_gib']} GiB, {where['filesystem']}; "
             f"{where['system']}, Linux {where['kernel']}; {versions}."]
    if goals_reached := goal_table(results):
        parts += ["### What was to be reached", goals_reached]
    if costs := cost_table(results):
        parts += ["### What things cost here", costs]
    for part, title in RATE_PARTS:
        if rates := rates_of(results, part):
            parts += [f"### {title}", f"Durable claims and releases a second (median of {rounds_of(rates)}):",
                      rate_table(rates),
                      "How long a call takes, in ms, and what each costs the server's processors:",
                      latency_table(rates)]
    if first := results.get("scale", {}).get("first"):
        parts += ["The first claim of each repo since the stacks were put in, by one client, which comes before "
                  "what is measured above:", first_claims_table(first)]
    if rows := results.get("waiters", {}).get("rows"):
        parts += ["### From a release to the answer of the next in line",
                  f"Median of {rounds_of(rows)}:", waiters_table(rows)]
    if part := results.get("dynamodb"):
        parts += dynamodb_parts(part)
    return "\n\n".join(parts)


WAYS = {"original": "the original's way", "seed": "bdd-lock, seed's API", "v1": "bdd-lock, v1",
        "transaction": "two bare transactions"}


def dynamodb_parts(part):
    rates, calls = part["rates"], part["calls"]
    fields = ("takes_p50_ms", "takes_p99_ms", "gives_p50_ms", "gives_p99_ms")
    of_rates = [[str(clients), WAYS[way], f"{middle(rates, 'per_second', **where):,.0f}",
                 *(f"{middle(rates, field, **where):.1f}" for field in fields)]
                for clients in order(rates, "clients") for way in order(rates, "way")
                for where in [{"clients": clients, "way": way}]]
    of_calls = [[str(row["clients"]), WAYS[row["way"]],
                 *(f"{row[field]:.2f}" for field in ("reads_calls", "writes_calls", "reads_units", "writes_units"))]
                for row in calls]
    return ["### On DynamoDB Local",
            f"Cycles of a claim of any stack and its release (median of {rounds_of(rates)}), times in ms:",
            table(["clients", "", "cycles, 1/s", "claim p50", "claim p99", "release p50", "release p99"], of_rates),
            "What a cycle calls and consumes:",
            table(["clients", "", "reading calls", "writing calls", "read units", "write units"], of_calls)]


def rounds_of(rows):
    rounds = len(order(rows, "round"))
    return f"{rounds} round" + ("s" if rounds > 1 else "")


def write_into(page, text):
    """Between the two marks; the prose around them is written by hand."""
    before, rest = page.read_text().split(BEGIN)
    page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.split(END)[1]}")
