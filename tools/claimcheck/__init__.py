"""Clients that claim, extend and release on a running server while each notes what it saw, and a checker that
says whether a server that keeps its promises could have let them see that.

operation   one call, as its client saw it, and the file of all of them
client      makes calls and notes them
traffic     what the clients do, at random by a seed
knowledge   what all that was noted says for sure of each claim and each request
order, rules, server_history   the promises, one function each
checker     all of them over one history
__main__    the command line: ./dev check
"""
