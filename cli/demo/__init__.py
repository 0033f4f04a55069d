"""A site full of life, to be shown: what `./stillboard seed` stores by itself.

    boards/     the conversations, one file a board; site.toml: what the whole site says
    script      reads them: who says what, where and when
    props       pictures, films, sounds and documents, made by code
    painting/   how the pictures are drawn
    staging     stores it all, by the rules of the board and in one transaction

Called by cli/seed.py. Nothing here knows of the web, or of the pages that come out.
"""
