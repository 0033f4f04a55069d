"""Text of a post -> tree -> safe HTML.

    tree = markup.parse(body)
    quotes = markup.quoted(tree)          # look these up
    html = markup.to_html(tree, Links({quote: url …}, board_names))

`parse` depends on the text alone, `to_html` on the tree and on which of the quoted posts and
boards exist: a post is parsed once and rendered again when a post that it quotes comes or goes.

The grammar is vichan's, so that a board moved here looks the same, with what jschan, LynxChan and
4chan have beside it. Each mark can be switched off by its board (marks.py):

    body      = (line | block) separated by line ends
    block     = "[code]" anything, over many lines "[/code]"       any case, nothing inside marked;
                                                                   a language may come first, alone
              | "[aa]" anything "[/aa]"                            Shift-JIS art
              | "[math]" anything "[/math]" | "[eqn]" … "[/eqn]"   TeX, as it is typed
              | "[spoiler]" lines "[/spoiler]" | "||" lines "||"
    line      = heading | greentext | pinktext | text
    heading   = "==" inline "=="                                   alone on its line
    greentext = ">" inline                                         blanks may come first
    pinktext  = "<" inline                                         but no "<3" and no "<-"
    inline    = "'''" inline "'''"                                 bold
              | "''" inline "''"                                   italic
              | "**" inline "**" | "||" inline "||" | "[spoiler]" inline "[/spoiler]"
              | "__" inline "__"                                   underlined
              | "~~" inline "~~"                                   struck out
              | "`" anything "`"                                   code; an address alone is a link
              | ">>124"                                            a post of this board
              | ">>>/b/124"                                        a post of another
              | ">>>/b/"                                           a board
              | ">>>/b/word"                                       threads of a board that say so
              | "http://…" | "https://…"                           any case, never another scheme
              | anything else, as typed

Marks nest in any order and end with their line; one that is not closed there, or is closed after
the mark around it, is text. "__", "~~" and "||" open before a letter and close after one, not
within a word. A quote stands between blanks, round brackets, marks and, after it, ",.?!" (vichan's
rule: '>>26:' is text), or what is written without blanks ('>>26さん'). A URL ends before the
punctuation of the text around it, in any script, and where a mark closes that is open around it;
brackets and braces that it opens belong to it. A line that begins with a quote whose post exists is
no greentext. Past 40 different quotes or 200 links in one post the rest is text.

Parsing is one scan by regular expressions that can't backtrack: time grows with the length of the
text, whatever the text is. Pure: this package imports nothing but `imageboard.addresses`.
"""

from imageboard.markup.excerpt import cut, excerpt, excerpt_html, texts
from imageboard.markup.html import Links, on_page, to_html
from imageboard.markup.parsing import LINKS_MAX, QUOTES_MAX, Marking, parse
from imageboard.markup.tree import BoardLink, Line, Quote, Styled, Tree, Verbatim, WebLink, quoted

__all__ = [
    "LINKS_MAX",
    "QUOTES_MAX",
    "BoardLink",
    "Line",
    "Links",
    "Marking",
    "Quote",
    "Styled",
    "Tree",
    "Verbatim",
    "WebLink",
    "cut",
    "excerpt",
    "excerpt_html",
    "on_page",
    "parse",
    "quoted",
    "texts",
    "to_html",
]
