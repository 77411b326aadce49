"""The report of ./dev bench as Markdown: what was reached, and the tables behind it. Names the machine by
its parts only: no host name and no path."""

import os
import platform
import re
from pathlib import Path
from statistics import median

OURS = "bdd-lock"
BEGIN, END = "<!-- bench begins: written by ./dev bench -->", "<!-- bench ends -->"
MIB = 1024 * 1024


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


def middle(rates, field, **where):
    """The median over the rounds; nothing if this was not measured."""
    found = [row[field] for row in rates if all(row[key] == value for key, value in where.items())]
    return median(found) if found else None


def ratio(rates, peer, **where):
    """The median of the ratios round by round: both sides of each were measured within a minute."""
    def by_round(title):
        return {row["round"]: row["per_second"] for row in rates
                if row["peer"] == title and all(row[key] == value for key, value in where.items())}
    ours, theirs = by_round(OURS), by_round(peer)
    both = [ours[number] / theirs[number] for number in ours if number in theirs]
    return median(both) if both else None


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def shown(value, form):
    return "" if value is None else format(value, form)


def order(rates, field):
    return list(dict.fromkeys(row[field] for row in rates))


def rate_table(rates):
    peers = order(rates, "peer")
    others = [peer for peer in peers if peer != OURS] if OURS in peers else []
    head = ["stacks", "connections", *(f"{peer}, 1/s" for peer in peers), *(f"times {peer}" for peer in others)]
    rows = []
    for stacks in sorted(order(rates, "stacks")):
        for connections in order(rates, "connections"):
            where = {"stacks": stacks, "connections": connections}
            rows.append([f"{stacks:,}", str(connections),
                         *(shown(middle(rates, "per_second", peer=peer, **where), ",.0f") for peer in peers),
                         *(shown(ratio(rates, peer, **where), ".2f") for peer in others)])
    return table(head, rows)


def latency_table(rates):
    peers = order(rates, "peer")
    fields = ("claims_p50_us", "claims_p99_us", "releases_p50_us", "releases_p99_us")
    head = ["stacks", "connections", "", "claim p50", "claim p99", "release p50", "release p99"]
    rows = []
    for stacks in sorted(order(rates, "stacks")):
        for connections in order(rates, "connections"):
            for peer in peers:
                where = {"stacks": stacks, "connections": connections, "peer": peer}
                rows.append([f"{stacks:,}", str(connections), peer,
                             *(f"{middle(rates, field, **where) / 1000:.2f}" for field in fields)])
    return table(head, rows)


def goals(results):
    """(what, goal, measured, how it is shown, whether less is better), for those that were measured."""
    rates, memory, start = results["rates"], results["memory"], results["start"]
    for connections, goal in ((64, 1.3), (256, 1.2)):
        yield (f"changes a second at {connections} connections, times Redis", goal,
               ratio(rates, "Redis", stacks=1000, connections=connections), ".2f", False)
    yield ("a claim at one connection, times one fdatasync and one HTTP round trip", 1.3,
           one_connection(results), ".2f", True)
    for connections in (1, 64):
        yield (f"a claim among 1,000,000 stacks, times one among 1,000 (p50, {connections} connections)", 1.5,
               size_ratio(rates, connections), ".2f", True)
    yield "from start to the first answer, ms", 20, start.get("ms"), ".1f", True
    yield "resident memory, idle, MiB", 16, in_mib(memory.get("idle_bytes")), ".1f", True
    yield ("size of the binary, MB", 10,
           start["binary_bytes"] / 1e6 if "binary_bytes" in start else None, ".1f", True)


def in_mib(value):
    return None if value is None else value / MIB


def one_connection(results):
    """Against the append, and against the overwrite only in the table of costs: see the prose."""
    claim = middle(results["rates"], "claims_p50_us", peer=OURS, stacks=1000, connections=1)
    if claim is None or not results["one"]:
        return None
    return claim / median(one["append_us"] + one["round_trip_us"] for one in results["one"])


def size_ratio(rates, connections):
    large, small = (middle(rates, "claims_p50_us", peer=OURS, stacks=stacks, connections=connections)
                    for stacks in (1_000_000, 1_000))
    return large / small if large and small else None


def goal_table(results):
    rows = []
    for what, goal, measured, form, less in goals(results):
        if measured is None:
            continue
        reached = measured <= goal if less else measured >= goal
        rows.append([what, f"at {'most' if less else 'least'} {goal}", format(measured, form),
                     "yes" if reached else "**no**"])
    return table(["", "to reach", "measured", "reached"], rows) if rows else ""


def cost_table(results):
    rows = []
    if results["one"]:
        for what, field in (("4 KiB appended and fdatasync, µs", "append_us"),
                            ("4 KiB overwritten and fdatasync, µs", "overwrite_us"),
                            ("GET /healthz, one connection, µs", "round_trip_us")):
            rows.append([what, f"{median(one[field] for one in results['one']):.0f}"])
    memory = results["memory"]
    for what, field in (("after their import", "million_bytes"),
                        ("after all the load and a list of them all", "million_after_bytes")):
        if field in memory:
            rows.append([f"resident memory with 1,000,000 stacks, {what}, MiB", f"{in_mib(memory[field]):.1f}"])
    if "connection_bytes" in memory:
        rows.append([f"resident memory for each idle connection, KiB (of {memory['connections']:,})",
                     f"{memory['connection_bytes'] / 1024:.1f}"])
    return table(["", "median"], rows) if rows else ""


def render(results):
    where = results["machine"]
    versions = ", ".join(f"{title} {version}" for title, version in results["versions"].items())
    parts = [f"{where['cpu']}, {where['cores']} cores, {where['memory_gib']} GiB, {where['filesystem']}; "
             f"{where['system']}, Linux {where['kernel']}; {versions}."]
    if goals_reached := goal_table(results):
        parts += ["### What was to be reached", goals_reached]
    if costs := cost_table(results):
        parts += ["### What things cost here", costs]
    if rates := results["rates"]:
        rounds = len(order(rates, "round"))
        parts += [f"### Durable claims and releases a second (median of {rounds} rounds)", rate_table(rates),
                  f"### How long a call takes, in ms (median of {rounds} rounds)", latency_table(rates)]
    return "\n\n".join(parts)


def write_into(page, text):
    """Between the two marks; the prose around them is written by hand."""
    before, rest = page.read_text().split(BEGIN)
    page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.split(END)[1]}")
