"""What is kept: the tables, in the only code that speaks SQL, and the files of posters.

Each module is one noun, with its queries in the .sql file beside it; what must happen together
under a board's lock is a function in schema.sql. A function takes `db` (a connection) when it
joins its caller's transaction; only the story-teller that calls it opens one.

    boards          boards, their settings, and the defaults of those that SQL reads
    posts           adding and removing posts, marking threads
    threads         what the pages show: threads, posts, previews
    outbox          facts that no page shows yet
    publications    the ledger of what stands in the web root
    render_lock     the right to write a board's files
    staff           accounts, who may do what, sessions
    roles           roles that staff made
    second_factors  what a log-in asks for besides the password
    passkeys        keys by which somebody logs in without a password
    invitations     links by which somebody makes an account of their own
    likenesses      files that look alike
    desk_search     what staff look for among posts
    spam_rules      rules against spam, and how many posts each has hit
    rule_trials     what a rule would have hit
    rule_deeds      what staff do with rules
    block_list_answers  what block lists said of addresses
    said_texts      what was said, where it may be said once
    bans            who may not post
    file_bans       which files may not be posted
    appeals         what the banned ask of staff
    push_subscriptions  browsers that are told of replies, and what they were told
    edits           what staff change of a post that stays
    moves           threads that go to another board, or into another thread
    allowances      what networks and boards have used of what they may
    notes           what staff write down about posters
    ranges          who else posts from a range of addresses
    claims          which reported post somebody looks at
    second_acts     that nobody does again what another of the staff just did
    surroundings    what stands around a post
    reports         what readers reported
    held            posts that staff look at before anybody else
    spent_answers   answers to captchas of our own that were used
    deeds           what staff do, a row each: power, words, form, work
    account_deeds   the same of what they do to their own accounts
    staff_deeds     and to each other's, and to roles
    board_deeds     and to boards
    appeal_deeds    and about appeals
    file_ban_deeds  and about files that may not be posted
    edit_deeds      and to the words of a post
    move_deeds      and to threads that belong elsewhere
    poster_deeds    and on the page of a post's author
    state_deeds     and to boards in a bad hour, and to posts that wait
    log_words       what the log says of what it keeps
    moderation_log  every deed of staff: append-only
    log_chain       its chain of hashes
    operator_log    what commands add to it
    personal        what is held of people, column by column
    figures         counts for operators
    site_moment     which moment of the site its own pages show
    written         pages, announcements and news that staff write
    banners         pictures above a board's lists
    migrations      from an empty database to schema.sql
    servers/        what is asked of PostgreSQL's servers, whatever board they hold
    uploads         the upload store: master copies of posters' files
    room            how much room the disks have, and who must leave it to others

Called by writer, renderer and cli; imports the rules of imageboard, never the other way round.
"""
