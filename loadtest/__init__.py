"""Load on a board from outside: over HTTP alone, importing nothing of it.

What a run is
    programme     the scenarios: what each is for, its users, its time
    shapes        how many users are at it, second by second
    plan          what one run is asked to do
    scenarios/    what the users do
    results       what a run saw: the document that all below read

How it is made: in processes of its own, since Locust replaces Python's sockets
    conducting    starts those processes, hears them out, ends them
    live          shows a run in the terminal as it goes on
    run           such a process: alone, master or worker
    crowd         what the users of one process share
    recording     second by second, then the last look; steps of a rising load
    lookout       looks for each new post until it is on its page
    last_look     at the end: is every acknowledged post there, once?
    surroundings  what a board does about abuse
    tally         what no response time tells: posts, torn pages, steps back
    counts        requests and times, out of Locust's statistics
    page_checks   is a page whole, and no older than the one before?
    samples       memory and processor time of the board's processes
    machine       what it was run on

What is made of it
    figures       the names that targets speak of
    targets       targets.toml, read and checked
    verdict       yes or no, a sentence for each target that is missed
    report        one HTML page
    plots         its pictures
    compare       what changed between runs, and what is noise
    capacity/     how many people a board can bear, and what that costs

Probes, each a program of its own
    freshness     one client posts and looks for its post: answer and sent-to-visible times
    paced         posts at an even pace: what one costs the processor, sent-to-visible times
    sustained     many clients post as fast as they are answered
    reading       how much of bare nginx is left when it serves the board
    rounds        browsers post and are led to the page: form, redirect, page
    compare_versions  two versions in turns: each figure as a ratio

Pieces that several of them use
    connection    one connection, kept open
    forms         the form of a post, as programs and browsers send it
    texts         what posters write
    pictures      what they attach
    percentiles   of a list of times
    calibration   how quick processor and disk are at this moment
    upkeep        what a board's processes cost together
    versions      a version of the board in a checkout of its own, and a board of it that is up
    version_questions  what two versions are asked, and the figures that come of it
    ports         one that is free
"""
