"""The users of each scenario: what they do, over HTTP alone. loadtest/programme.py casts them.

visitor.py   how every user sends a request and judges the answer
readers.py   people who read
posters.py   people who post
mixed.py     the poster among a thousand reads
flood.py     who gathers in one hot thread
abuse.py     who must be refused, and who must not notice
staff.py     who reports, and who deletes

Importing any of them loads Locust, which replaces Python's sockets: never do so in the command.
"""
