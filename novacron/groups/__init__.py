"""The operations of a client in groups, one file per noun: `client.keys.generate(...)`.

Each operation is written once, for `Client` and `AsyncClient`.
"""
