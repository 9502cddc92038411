"""The operations of a client in groups, one file a noun: `client.keys.generate(...)`.

Each operation is written once, for `Client` and `AsyncClient`.
"""
