"""The page of the rules against spam."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from imageboard.spam import rules
from imageboard.spam.rules import NewRule, Rule
from imageboard.staff_roles import Visitor
from imageboard.store import rule_deeds
from imageboard.store.rule_trials import Trial
from imageboard.words import N_, Message
from templates.desk import urls
from templates.desk.forms import button, done_sentence
from templates.desk.frame import render

#: Of a rule's form: a field, what it is called, and what there is to choose from.
_CHOICES_OF_RULES = (
    ("place", N_("Looks at"), rules.PLACES),
    ("way", N_("Which"), rules.WAYS),
    ("kind", N_("In"), rules.KINDS),
    ("poster", N_("By"), rules.POSTERS),
    ("pace", N_("When"), rules.PACES),
    ("action", N_("What becomes of the post"), rules.ACTIONS),
)


def rules_page(
    visitor: Visitor,
    found: Sequence[Rule],
    *,
    places: Sequence[str | None],
    typed: Mapping[str, str],
    done: str | None = None,
    sentence: Message | None = None,
    trial: Trial | None = None,
) -> str:
    """The rules that the visitor may change, and a form with what was typed, or refused, or tried.

    A form that names a rule changes that one.
    """
    typed = rules.as_typed(NewRule()) | {"rule": "", "duration": "3d"} | dict(typed)
    return render(
        "rules",
        visitor,
        rules_url=urls.RULES_URL,
        rules=found,
        words_of=lambda choices, name: rules.words_of(getattr(rules, choices), name),
        narrowed_by=_narrowed_by,
        rule_url=lambda number: f"{urls.RULES_URL}?{urlencode({'rule': number})}",
        places=places,
        typed=typed,
        choices=_CHOICES_OF_RULES,
        chars_max={
            "what": rules.WHAT_CHARS_MAX,
            "sentence": rules.SENTENCE_CHARS_MAX,
            "replacement": rules.REPLACEMENT_CHARS_MAX,
        },
        save=button(rule_deeds.CHANGE if typed["rule"] else rule_deeds.ADD),
        try_=button(rule_deeds.TRY),
        switch={True: button(rule_deeds.SWITCH_OFF), False: button(rule_deeds.SWITCH_ON)},
        remove=button(rule_deeds.REMOVE),
        done=done_sentence(rule_deeds.OF_RULES, done),
        sentence=sentence,
        trial=trial,
    )


def _narrowed_by(rule: Rule) -> list[Message]:
    """'threads', 'new posters': what it asks beside what it looks for, but for countries."""
    asked = ((rules.KINDS, rule.kind), (rules.POSTERS, rule.poster), (rules.PACES, rule.pace))
    return [rules.words_of(choices, name) for choices, name in asked if name != "any"]
