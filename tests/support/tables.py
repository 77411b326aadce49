"""Data files, seen and changed from outside while no server holds them."""

import sqlite3
from contextlib import closing


def query(path, sql, *parameters):
    with closing(sqlite3.connect(path)) as table:
        rows = table.execute(sql, parameters).fetchall()
        table.commit()
        return rows


def put_stack_back(path, name, microseconds):
    """Makes a stack's last use that much older."""
    query(path, "UPDATE stacks SET last_used = last_used - ? WHERE stack_name = ?", microseconds, name)


def snapshot(server):
    """What must not change when a request is refused: every stack, whole."""
    return server.export(), server.stacks()
