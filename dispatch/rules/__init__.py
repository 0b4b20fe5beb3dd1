"""The decisions, as pure functions: no database, no clock, no network, no Flask.

Every rule can be tested in microseconds and explained in one sentence to a coordinator.
"""
