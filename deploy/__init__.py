"""How the board runs on a machine.

embedded/       real servers out of wheels: PostgreSQL, Valkey, nginx; each a `Service`
parts.py        the board's own programs as services: writer, render workers, catch-up
supervisor.py   starts services in order, restarts those that die, stops them in reverse
data_folder.py  one board's folder: lock, keys, logs, run.json
one_machine.py  the story of `./stillboard up`, which puts the above together
environment.py  from a data folder and the caller's environment to that of the parts
env_file.py     settings from `.env`
follow.py       the logs of all parts, for `up --verbose`
founding.py     what an empty database gets: the tables, /b/ and the first staff account
inspection.py   what `status` and `doctor` look at
gunicorn.py     gunicorn's settings, here and in production

Called by cli/ and by tests that need real servers. Starts the writer and the renderer as
programs; never imports them.
"""
