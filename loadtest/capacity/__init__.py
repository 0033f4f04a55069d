"""How many people a board can bear, what it costs, and what gives way first.

    python -m loadtest.capacity --daily-users 1000000

A small simulation of readers, posters, the edge of a CDN and the second stage, from a seed: the
same numbers give the same figures. docs/capacity.md has its tables, and a test keeps them equal.

__main__         the command
parameters       what is assumed of people, prices and limits, and what was measured of the board
parameters.toml  the assumptions, each with its source
measured.toml    what `fit` made of load tests
site             boards and threads: which files a post changes
edge             files being put one a second, and copies of them at many places
simulation       a slice of an hour, event by event
month            slices of a day, added up to a month: requests, puts, purges, dollars
limits           what the busiest hour takes of each thing that has an end
tables           all that as text
fit              measured.toml, from runs of load tests; and how well it foretells another run
"""
