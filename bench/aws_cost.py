"""What this costs on AWS: ./dev aws-cost [--measure]

Works the table of costs in docs/deploy-aws.md out of the two tables above it (what a call takes, and the prices) and
the assumptions below. --measure first counts anew what each call takes: the function's own program, behind stand-ins
for the gateway and the Runtime API, on DynamoDB Local, which says how much of its capacity each call used.
"""

import re
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "deploy-aws.md"
JOBS_A_DAY = (100, 1_000, 10_000)
DAYS = 30

# `bdd-lock run` extends its claim each 30 seconds while the job runs (src/cli/lease.hpp), whatever the lease. Each tenth
# job waits two minutes; the function answers one who waits after a second, and `bdd-lock run` asks again three seconds
# later, as it is told to.
JOB_SECONDS = 600
EXTEND_EVERY_SECONDS = 30
EXTENSIONS_A_JOB = JOB_SECONDS // EXTEND_EVERY_SECONDS - 1  # at its end it is released
POLLS_A_JOB = 3
JOB = {"claim": 1, "extend": EXTENSIONS_A_JOB, "release": 1, "poll": POLLS_A_JOB}
SEED_JOB = {"get-available": 1, "claim-stack": 1, "release-stack": 1}
MEMORY_GB = 0.25
SECONDS_A_CALL = 0.1
SECONDS_A_POLL = 1.1
LOG_BYTES_A_CALL = 600  # Lambda's own lines and one of ours
EVENT_BYTES = 500
EVENTS_A_JOB = 2
COPIES_OF_AN_EVENT = 3  # the table and its two indexes
HISTORY_DAYS = 90
ALARMS = 3


def rows_of(page, heading):
    """The rows of the table whose first column has this heading: lists of cells."""
    table = re.search(rf"^\| {re.escape(heading)} \|.*\n\|[-|: ]+\|\n((?:\|.*\n)+)", page, re.M)
    return [[cell.strip().strip("`") for cell in line.strip("|\n").split("|")] for line in table[1].splitlines()]


def counts_of(page):
    """(read units, write units) of each call."""
    return {name: (float(read), float(write)) for name, read, write in rows_of(page, "call")}


def prices_of(page):
    """Dollars, of one."""
    return {name: float(price.lstrip("$")) / float(per.replace(",", ""))
            for name, price, per in rows_of(page, "price of")}


def dollars(job, jobs_a_day, counts, prices):
    """What a month costs, by part."""
    jobs = jobs_a_day * DAYS
    calls = sum(job.values()) * jobs
    polls = job.get("poll", 0) * jobs
    seconds = (calls - polls) * SECONDS_A_CALL + polls * SECONDS_A_POLL
    reads, writes = (sum(often * counts[name][kind] for name, often in job.items()) * jobs for kind in (0, 1))
    kept_gb = (jobs_a_day * HISTORY_DAYS * EVENTS_A_JOB * EVENT_BYTES * COPIES_OF_AN_EVENT) / 1e9
    return {
        "calls": calls,
        "gateway": calls * prices["a call of a REST API"],
        "function": calls * prices["a call of a function"] + seconds * MEMORY_GB * prices["a second of a GB of memory"],
        "table": reads * prices["a read unit"] + writes * prices["a write unit"]
        + kept_gb * (prices["a GB kept for a month"] + prices["its point-in-time recovery"]),
        "log": calls * LOG_BYTES_A_CALL / 1e9 * prices["a GB of log"],
        "alarms": ALARMS * prices["an alarm for a month"],
    }


def cost_rows(page):
    counts, prices = counts_of(page), prices_of(page)
    for words, job in (("with `bdd-lock run`", JOB), ("the same, nobody waits", {**JOB, "poll": 0}),
                       ("with the original's API", SEED_JOB)):
        for jobs_a_day in JOBS_A_DAY:
            parts = dollars(job, jobs_a_day, counts, prices)
            calls = parts.pop("calls")
            amounts = [*(f"${part:.2f}" for part in parts.values()), f"**${sum(parts.values()):.2f}**"]
            yield "| " + " | ".join([words, f"{jobs_a_day:,}", f"{calls:,}", *amounts]) + " |\n"


def with_costs(page):
    return re.sub(r"(^\| jobs \|.*\n\|[-|: ]+\|\n)(?:\|.*\n)+", lambda found: found[1] + "".join(cost_rows(page)),
                  page, flags=re.M)


def with_counts(page, counts):
    rows = "".join(f"| `{name}` | {read:g} | {write:g} |\n" for name, (read, write) in counts.items())
    return re.sub(r"(^\| call \|.*\n\|[-|: ]+\|\n)(?:\|.*\n)+", lambda found: found[1] + rows, page, flags=re.M)


def measure():
    """(read units, write units) of each call, on a table of 20 stacks of which each second is free. Each call meets a
    new sandbox: one that has just written a stack would not read it again."""
    sys.path.insert(0, str(ROOT / "tests" / "support"))
    from dynamodb_local import DynamoDbLocal
    from dynamodb_proxy import DynamoDbProxy
    from gateway import Gateway
    from sandbox import unpack

    with DynamoDbLocal() as local, tempfile.TemporaryDirectory() as folder:
        env = {**local.env, "BDD_LOCK_TABLE_NAME": local.new_table()}
        with DynamoDbProxy(local.port) as proxy:
            env |= proxy.env
            with Gateway(unpack(Path(folder)), env, "rest", sandboxes_max=1) as gateway:
                return count_calls(gateway, proxy)


def count_calls(gateway, proxy):
    for number in range(20):
        gateway.create(f"stack-{number}", available=number % 2 == 0)
    counts = {}

    def counted(name, method, path, body=None, status=200):
        gateway.kill_sandboxes()
        since = len(proxy.calls)
        answer = gateway.call(method, path, body)
        assert answer.status == status, (name, answer)
        counts[name] = proxy.units(since)
        return answer.json()

    counted("get-available", "GET", "/get-available/r")
    counted("claim-stack", "PUT", "/claim-stack/stack-0")
    counted("release-stack", "PUT", "/release-stack/stack-0")
    holder = {"ci": "github", "job": "deploy and test", "jobUrl": "https://ci.example.org/runs/4711", "branch": "main",
              "commit": "0123456789abcdef0123456789abcdef01234567"}
    ask = {"requestId": "build-4711", "waitSeconds": 50, "createIfNone": True, "holder": holder}
    claim_id = counted("claim", "POST", "/v1/repos/r/claims", ask)["claims"][0]["claimId"]
    counted("extend", "POST", f"/v1/claims/{claim_id}/extend", {})
    counted("release", "POST", f"/v1/claims/{claim_id}/release", {"outcome": "passed"})
    for number in range(0, 20, 2):
        assert gateway.call("PUT", f"/claim-stack/stack-{number}").status == 200
    wait = {"requestId": "build-4712", "waitSeconds": 1, "holder": holder}
    gateway.call("POST", "/v1/repos/r/claims", wait)
    counted("poll", "POST", "/v1/repos/r/claims", wait, 202)
    return counts


def main():
    if sys.argv[1:] not in ([], ["--measure"]):
        print(__doc__, file=sys.stderr)
        return 64
    page = PAGE.read_text()
    if sys.argv[1:]:
        page = with_counts(page, measure())
    page = with_costs(page)
    PAGE.write_text(page)
    print("".join(re.findall(r"^\| (?:jobs|with|the same).*\n", page, re.M)), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
