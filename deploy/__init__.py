"""How the board runs on a machine.

embedded/       real servers out of wheels: PostgreSQL, Valkey, nginx; each a `Service`
parts.py        the board's own programs as services: writer, render workers, catch-up
forking.py      a program that is forked from `up`, as a new start would have made it
warming.py      what they share: loaded and made once
supervisor.py   starts services in order, restarts those that die, stops them in reverse
data_folder.py  one board's folder: lock, keys, logs, run.json
one_machine.py  the story of `./stillboard up`, which puts the above together
own_site.py     what a board on one machine serves: by which nginx, under which names
reload.py       the story of `./stillboard reload`: a new version, and nobody notices
environment.py  from a data folder and the caller's environment to that of the parts
metrics_addresses.py  where each program shows its metrics
env_file.py     settings from `.env`
as_unit.py      a command with the user and the settings of systemd's units
follow.py       the logs of all parts, for `up --verbose`
telling.py      what commands tell the operator beside their answer
failover.py     a primary and its replicas: what they are, and how a replica takes over
backups/        what is backed up, where to, and how it comes back
production.py   the checklist of `doctor --production`
query_times.py  how long PostgreSQL's answers took, from the parts' metrics
founding.py     what an empty database gets: the tables, /b/ and the first staff account
inspection.py   what `status` shows
diagnosis.py    what `doctor` looks at
sightings.py    which programs there should be, and which there are, whoever started them
gunicorn.py     gunicorn's settings, here and in production
whole_answers.py  headers and body of an answer of the writer in one write
health_probe.py  whether a program answers, for the health checks of containers
entrypoints/    scripts on the image's PATH
postgres/       PostgreSQL's files in a container of its own
valkey/         Valkey's
ha/             configuration of servers that follow each other, and the rights that it takes
k8s/            manifests
images.toml     which images of others are pulled
written_manifests.py  writes them, and what else of the manifests is said elsewhere, into these
systemd/        units for a server without containers

Called by cli/ and by tests that need real servers. Starts the writer and the renderer as
programs; imports the renderer alone, to draw what was restored and to tell whether pages are of
another version.
"""
