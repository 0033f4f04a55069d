"""The write API: everything that posters and staff send.

    app          create_app(parts): all routes on one screen; get_app() reads the environment
    routes       a route and whom it serves: none without a declaration
    board_list   the boards, read again when they are a second old
    posting      the story of one post: form -> checks -> rules -> one transaction -> wake -> answer
    forms        a form's fields and files, within limits
    multipart    the parts of a form as clients really send them
    charsets     in which letters a form's text was written
    clients      who sends: the address behind trusted proxies; forms from other sites refused
    own_posts    deleting one's own posts, reporting others'
    appeals      what the banned ask of staff
    banned_files  files that staff have banned
    sealing      what those have in common that people answer by typing
    siteverify   what those have in common that ask somebody else
    outage       what is asked while nobody answers there
    passes       whoever has solved a captcha is spared the next ones
    captchas/    when a captcha is asked for; whether it was solved, one module a provider
    letters      pictures of letters, for one of them
    speech       the same letters, spoken
    sounds       where they are heard
    abuse        bans, and what is asked before a post is looked at
    spam         what comes of a post that looks like spam
    findings     what is found in one, by rules and by what boards ask
    listed_ranges  the file of ranges that the operator names
    block_lists  whether a block list has an address, asked by DNS
    repeats      a text that may be said once, or that many post
    rule_book    those rules, compiled anew when they have changed
    allowances   whether a board is under pressure
    reposts      a file that may stand once in a thread or on a board
    turns        one post to a board at a time
    answers      errors and successes as pages or JSON, in one place
    compression  what is read here, in the encoding that the reader takes
    media/       uploads, read in a process that may die
    developer/   a program of its own: files that take long, worked on after the answer
    courier/     another: readers told of replies while their browser is closed
    push_forms   what a browser sends to be told, or no more
    bounded_posts  a request to somebody else's server, bounded in time and bytes
    desk/        staff: log-in, report queue, deeds, bans
    health       /healthz and /readyz

It never imports the renderer or the cloud: it stores, and calls for a render.
"""
