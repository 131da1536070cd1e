"""Registered computers and addresses: from where the registry business of a unit is done.

Source: file 001, 1.1 (dedicated computers, own addresses); file 002, article 25. The way it is checked: decision 0020.
"""
