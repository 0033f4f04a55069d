"""The board itself: its rules, addresses, facts and errors. No web, cloud or templates.

    post_rules   what a board asks of a post: Draft -> NewPost
    plain_text   what every text field must pass first: mends what nobody sees
    captchas     each provider's fields, key and what its widget loads; when one is asked for
    fields       one row for each field of a post: how forms show it, how it is read
    foreign_fields  those that the board does not take: refused by name
    tripcodes    'Anon#tea' -> ('Anon', '!WokonZwxw2')
    markup       text -> tree -> safe HTML
    boards       boards and their names
    threads      threads and posts as the pages show them
    facts        what happened: the rows of the outbox
    addresses    every public address, spelled once
    public_site  its pages as files that open from a disk
    page_policy  what a page may load, and from where: its Content-Security-Policy
    served_kinds  which files the public may read: types, and how long they are kept
    cloaks       addresses and passwords of posters, hashed and sealed
    media        limits of uploads
    likeness     what a picture looks like, in 64 bits
    media_kinds  what may be uploaded: one row for each kind, which everything else reads
    markers      by what one finds a post in a page or JSON that shows it
    allowances   how much may come from an address, a network, to a board
    bans         how long, and which range of addresses
    file_bans    which files may not be posted
    appeals      what the banned ask of staff
    push         what a browser hands in to be told of replies
    push_keys    whom a push service believes that a message is the board's
    push_messages  a message that one browser can read
    retry_after  how long a server asks to be left alone
    edits        what staff make of a post's words, and what they were
    moves        what texts say of a thread that goes to another board
    spam/        what is held against spam: pure checks
    moderation   reported posts, and what the log of deeds holds
    staff_roles  who may do what
    passwords    staff passwords: argon2id
    settings/    one row a setting: of the machine (environment) and of a board (database)
    stored_words  sentences of ours that are stored as text
    words        sentences that can be said in another language
    errors       everything that can be wrong, and its sentence
    store/       what is kept: PostgreSQL's tables (the only code that speaks SQL), and uploads
    queue/       Valkey: who is called, and what waits

Imported by everything above it (writer, renderer, templates, cli); imports monitoring alone.
"""
