"""Names are whatever UTF-8 a team likes; they come back as they went in, in every document."""

import json
from urllib.parse import quote

import pytest

NAMES = {
    "255 bytes": "n" * 255,
    "255 bytes of UTF-8": "é" * 127 + "x",
    "a space": "my stack",
    "quotes": "a\"b'c\\d",
    "what URLs treat specially": "a?b#c&d=e+f;g:h@i%2Fj%00",
    "three dots": "...",
    "umlauts": "Prüfstand-Österreich",
    "CJK": "堆栈一号",
    "an emoji": "stack-🚀",
    "right to left": "ערימה",
    "combining": "e\u0301",
    "no-break space": "a\u00a0b",
    "JSON's separators": "a\u2028b",
    "a byte order mark": "\ufeffname",
    "HTML": "<script>alert(1)</script>".replace("/", ""),
    "SQL": "'; DROP TABLE stacks; --",
    "a dash": "-rf",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_a_name_comes_back_as_it_went_in(shared_server, name):
    encoded = quote(name, safe="")
    shared_server.create(name, repo=name)
    assert shared_server.call("GET", f"/get-available/{encoded}").text == (
        '{"info": "Successfully queried", "results": '
        + json.dumps([{"stackName": name, "isAvailable": "x", "repoName": name}]) + "}")
    assert shared_server.call("PUT", f"/claim-stack/{encoded}").status == 200
    shown = shared_server.call("GET", f"/v1/stacks/{encoded}").json()
    assert (shown["stackName"], shown["repoName"], shown["state"]) == (name, name, "claimed")
    listed = shared_server.call("GET", f"/v1/stacks?repoName={encoded}").json()["items"]
    assert [item["stackName"] for item in listed] == [name]
    assert name in [line["stackName"] for line in shared_server.export()]
    assert shared_server.call("PUT", f"/release-stack/{encoded}").status == 200
    assert shared_server.call("DELETE", f"/v1/stacks/{encoded}").status == 204


def test_names_that_look_alike_are_different(shared_server):
    shared_server.create("caf\u00e9")
    shared_server.create("cafe\u0301")
    shared_server.create("Café")
    assert shared_server.call("PUT", "/claim-stack/" + quote("caf\u00e9")).status == 200
    assert shared_server.call("PUT", "/claim-stack/" + quote("cafe\u0301")).status == 200


def test_a_prefix_of_one_segment_is_dropped(shared_server):
    shared_server.create("prefixed", repo="pre")
    assert shared_server.call("GET", "/dev/get-available/pre").json()["results"]
    assert shared_server.call("PUT", "/dev/claim-stack/prefixed").status == 200
    assert shared_server.call("GET", "/dev/v1/stacks/prefixed").json()["state"] == "claimed"
    assert shared_server.call("PUT", "/claim-stack/release-stack").status == 400  # a name like a route's
