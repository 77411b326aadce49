"""Tables that are not as they must be: the check says what is wrong and what helps, a server does not start on them,
and an upgrade changes nothing that it cannot mend."""

import itertools

import pytest
from dynamodb_calls import DynamoDbCalls
from lending import claim
from original import Original
from server import Server

TEXT, NUMBER = "S", "N"
_names = itertools.count(1)


def key(hash_name, range_name=None):
    made = [{"AttributeName": hash_name, "KeyType": "HASH"}]
    return made + ([{"AttributeName": range_name, "KeyType": "RANGE"}] if range_name else [])


def index(name, hash_name, range_name=None, projection="KEYS_ONLY"):
    return {"IndexName": name, "KeySchema": key(hash_name, range_name), "Projection": {"ProjectionType": projection}}


SEED_INDEX = index("availableByRepoIndex", "repoName", "isAvailable")


def make(dynamodb, keys=("stackName",), types=None, indexes=(SEED_INDEX,)):
    """A table of its own, as the original deploys it but for what is given."""
    types = types or {}
    named = {part["AttributeName"] for each in [{"KeySchema": key(*keys)}, *indexes] for part in each["KeySchema"]}
    table = f"odd-{dynamodb.new_table()}-{next(_names)}"
    with DynamoDbCalls(dynamodb.port) as calls:
        calls.call("CreateTable", TableName=table, BillingMode="PAY_PER_REQUEST", KeySchema=key(*keys),
                   AttributeDefinitions=[{"AttributeName": name, "AttributeType": types.get(name, TEXT)}
                                         for name in sorted(named)],
                   **({"GlobalSecondaryIndexes": list(indexes)} if indexes else {}))
    return table


ODD = {
    "another key": ({"keys": ("id",)}, "has the key (id) and must have (stackName)"),
    "one more key": ({"keys": ("stackName", "repoName")}, "has the key (stackName, repoName)"),
    "numbers as names": ({"types": {"stackName": NUMBER}}, "has stackName of the type N"),
    "numbers as marks": ({"types": {"isAvailable": NUMBER}}, "has isAvailable of the type N"),
    "an index by something else": ({"indexes": (index("availableByRepoIndex", "repoName"),)},
                                   "has the index availableByRepoIndex by (repoName)"),
}


@pytest.mark.parametrize("odd, says", ODD.values(), ids=ODD.keys())
def test_a_table_of_another_shape_is_refused_and_left_alone(dynamodb, odd, says):
    table = make(dynamodb, **odd)
    check = dynamodb.run("check", table)
    assert check.returncode == 1 and f"wrong: the table {table} {says}" in check.stdout, check.stdout
    with pytest.raises(AssertionError, match="must have"):
        Server(store=f"dynamodb:{table}", env=dynamodb.env)
    upgrade = dynamodb.run("upgrade", table)
    assert upgrade.returncode == 69 and "cannot be changed here" in upgrade.stderr
    assert dynamodb.run("check", table).stdout == check.stdout


def test_a_table_of_the_original_is_upgraded_while_the_original_works_on_it(dynamodb_alone):
    dynamodb = dynamodb_alone
    table = make(dynamodb)
    with Original(dynamodb.port, table) as original:
        assert original.create("s", "r")
        with pytest.raises(AssertionError, match="bdd-lock dynamodb upgrade"):
            Server(store=f"dynamodb:{table}", env=dynamodb.env)
        done = dynamodb.run("upgrade", table)
        assert done.returncode == 0 and f"added the index repoIndex to the table {table}" in done.stdout, done.stderr
        assert original.claim("s") and original.release("s")
        with Server(store=f"dynamodb:{table}", env=dynamodb.env) as server:
            assert claim(server)["stackName"] == "s"
            assert not original.claim("s")


def test_a_second_table_of_another_shape_is_refused(dynamodb):
    table = make(dynamodb)
    with DynamoDbCalls(dynamodb.port) as calls:
        calls.call("CreateTable", TableName=f"{table}-requests", BillingMode="PAY_PER_REQUEST", KeySchema=key("pk"),
                   AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": TEXT}])
    check = dynamodb.run("check", table)
    assert check.returncode == 1 and f"the table {table}-requests has the key (pk)" in check.stdout
    with pytest.raises(AssertionError, match="must have"):
        Server(store=f"dynamodb:{table}", env=dynamodb.env)
