"""What rules cost a post: `python -m tests.imageboard.bench_rules [--rules 1000]`.

CPU time of one post of some 500 characters that nothing hits, each a text of its own: the median of
rounds. A third of the rules are words, a third patterns, a third words in disguise.
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import time

from imageboard.spam.matching import Candidate, Circumstances, RuleBook
from imageboard.spam.rules import Rule

ROUNDS = 20
ROUND_POSTS = 50
_WAYS = ("contains", "pattern", "looks_like")
#: Letters of texts: of our alphabet, and of another one.
_ALPHABETS = {"Latin": "etaoinshrdlcumwfgyp", "Cyrillic": "оеаинтсрвлкмдпуяыьг"}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rules", type=int, default=1000)
    chance, count = random.Random(1), parser.parse_args().rules
    began_s = time.process_time()
    book = RuleBook([_rule(chance, number) for number in range(count)])
    print(f"{(time.process_time() - began_s) * 1e3:6.1f} ms  to compile {count} rules")
    for name, alphabet in _ALPHABETS.items():
        for kind, tried in (("no rule", RuleBook()), (f"{count} rules", book)):
            print(f"{_cpu_ms(tried, chance, alphabet):6.3f} ms  a post in {name}, {kind}")
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:6.0f} MB  of memory")


def _rule(chance: random.Random, number: int) -> Rule:
    word = _word(chance, "abcdefghijklmnopqrstuvwxyz", 8)
    way = _WAYS[number % len(_WAYS)]
    what = rf"{word[:4]}\W?{word[4:]}" if way == "pattern" else word
    return Rule(id=number, created_by="", created_s=0, is_on=True, way=way, what=what)


def _cpu_ms(book: RuleBook, chance: random.Random, alphabet: str) -> float:
    rounds = []
    for _ in range(ROUNDS):
        posts = [
            Candidate("b", False, body=" ".join(_word(chance, alphabet, 6) for _ in range(72)))
            for _ in range(ROUND_POSTS)
        ]
        began_s = time.process_time()
        for post in posts:
            book.hits(post, Circumstances())
        rounds.append((time.process_time() - began_s) / ROUND_POSTS * 1e3)
    return statistics.median(rounds)


def _word(chance: random.Random, alphabet: str, length: int) -> str:
    return "".join(chance.choice(alphabet) for _ in range(length))


if __name__ == "__main__":
    main()
