"""A site that lives, read as its readers read it.

- `site`: one host, asked at its pace, within bounds, and again where it fails.
- `kept`: what was read of it, in a folder, and what may be asked for a difference.
- `mirror`: which addresses are read, into a folder of threads (`importing.fourchan.folder`).
- `errors`: why a site can't be read.
"""
