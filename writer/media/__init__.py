"""What becomes of an uploaded file, from the poster's bytes to a picture that may be served.

    darkroom.py     the door: `Darkroom.develop(upload)`, called from the writer's threads
                    (`receive`: of a slow kind it only opens a file) and by the developer
    process.py      the fork server behind it: one short-lived process for the files of each post
    development.py  what such a process does: read, clean, shrink, write, answer
    benches.py      two files of a post at the same time
    confinement.py  what such a process gives up before it reads
    budget.py       how much memory it has, and all of them together
    exchange.py     the lines of JSON that go between darkroom and development
    containers/     a module for each kind of imageboard/media_kinds.py, its files as bytes: true
                    type, size, frames, what to keep; no decoding
    slow/           a module for each slow kind: what the developer makes of its files
    contraband.py   archives, documents and scripts that hide in an image file
    picture.py      pixels, by Pillow: the thumbnail shows what browsers show of the file
    first_frame.py  what is seen before anything moves
    colours.py      how a picture's colours are meant; light.py knows the codes for that
    likeness.py     a picture's greys, by which it is known again
    average.py      its colour on average, which stands in its place until it comes
    turned/         pictures that browsers don't show, turned into one that they do
    player/         films and sounds
    turning.py      the served file of a picture that lies on its side
    thumbnail.py    the thumbnail as a file: JPEG, PNG, WebP or a copy
    moving.py       one that moves, where a board wants that
    png_chunks.py   a clean PNG's chunks; png_samples.py its samples, to the last bit

Hostile bytes meet a parser only inside the short-lived process, which has nothing else by then.
`darkroom.py` itself imports no Pillow, so the writer that answers HTTP never has an image decoder
in its memory.
"""
