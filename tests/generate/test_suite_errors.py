"""A suite that cannot ask what it promises is refused with one message that says where and what to do."""

import pytest
from small_language import ADVERBS, HEAD, LEXICON, PHRASES, make_suite, write_suite_file

from lrd_bench.errors import LrdBenchError
from lrd_bench.generate import generate_suite

LED = HEAD.replace("The {cue", "The {lead} {cue")
SENTENCE, FILLER, KIND, UNIT, NOUNS, DISTANCES, AFTER = 9, 11, 12, 13, 14, 15, 16
"""The lines of HEAD + PHRASES, and the line after them."""
STRETCH, ADVERBS_DISTANCES, AFTER_ADVERBS = 13, 14, 15
"""Those of HEAD + ADVERBS."""

DOMAINS = HEAD.replace('twins = "number"', 'twins = "domain"').replace("old .", ".") + ADVERBS
DOMAINS = DOMAINS.replace("{cue:noun(number)}", "{cue:agent(domain, number=singular)}")
DOMAINS = DOMAINS.replace("{critical:verb(number)}", "the {critical:tool(domain, number=singular)}")
DOMAINS = DOMAINS.replace("[1, 3, 6]", "[2, 4]")


def changed(text, old, new):
    assert old in text
    return text.replace(old, new)


def with_filler(*lines):
    """A suite with one filler of these lines, the first on line 13."""
    return HEAD + "\n".join(["", "[[filler]]", 'kind = "mine"', *lines, ""])


BROKEN = {
    # -- keys and values
    "missing-key": (changed(HEAD + PHRASES, 'twins = "number"\n', ""), None, "setting 'twins' is missing. Add it."),
    "missing-key-in-the-second-filler": (
        HEAD + PHRASES + changed(ADVERBS, 'kind = "adverbs"\n', ""),
        17,
        "setting 'kind' is missing in the 2nd [[filler]]. Add it.",
    ),
    "wrong-type": (
        changed(HEAD + PHRASES, "[4, 7]", '[4, "seven"]'),
        DISTANCES,
        "the 2nd value of setting 'distances' in the 1st [[filler]]: input should be a valid integer",
    ),
    "not-a-list": (
        changed(HEAD + PHRASES, "[4, 7]", "4"),
        DISTANCES,
        "setting 'distances' in the 1st [[filler]]: should be a list (found 4).",
    ),
    "not-a-list-of-tables": (
        changed(HEAD + PHRASES, "[[filler]]", "[filler]"),
        FILLER,
        "setting 'filler': should be tables [[filler]].",
    ),
    "no-distances": (
        changed(HEAD + PHRASES, "[4, 7]", "[]"),
        DISTANCES,
        "setting 'distances' in the 1st [[filler]]: value should have at least 1 item",
    ),
    "distance-0": (
        changed(HEAD + PHRASES, "[4, 7]", "[0]"),
        DISTANCES,
        "the 1st value of setting 'distances' in the 1st [[filler]]: input should be greater than 0 (found 0).",
    ),
    "neither-a-table-nor-a-list-of-tables": (
        changed(HEAD + PHRASES, '"lexicon.csv"', "3"),
        6,
        "setting 'lexicon': should be a list (found 3).",
    ),
    "a-list-of-which-one-is-no-table": (
        changed(HEAD + PHRASES, '"lexicon.csv"', '["lexicon.csv", 3]'),
        6,
        "the 2nd value of setting 'lexicon': input is not a valid path",
    ),
    "rule-with-a-number": (
        changed(HEAD + PHRASES, "old .", "{end} .") + '[rules]\nend = ["x", 3]\n',
        17,
        "the 2nd value of setting 'end' in [rules]: input should be a valid string (found 3).",
    ),
    "no-filler": (HEAD, None, "setting 'filler' is missing. Add it."),
    "name-that-is-no-file-name": (
        changed(HEAD + PHRASES, 'name = "small"', 'name = "my suite"'),
        1,
        "setting 'name': string should match pattern",
    ),
    "unknown-prediction": (
        changed(HEAD + PHRASES, 'twins = "number"', 'twins = "number"\npredictions = ["acuracy"]'),
        9,
        "predictions: unknown prediction 'acuracy'. Did you mean 'accuracy'? Or write a formula.",
    ),
    "prediction-that-is-no-formula": (
        changed(HEAD + PHRASES, 'twins = "number"', 'twins = "number"\npredictions = ["(critical;%good%) <"]'),
        9,
        "predictions: formula '(critical;%good%) <'",
    ),
    "prediction-over-another-condition": (
        changed(HEAD + PHRASES, 'twins = "number"', 'twins = "number"\npredictions = ["(*;%good%) < (*;%ugly%)"]'),
        9,
        "predictions: unknown condition 'ugly'. Known: bad, good.",
    ),
    "prediction-over-another-region": (
        changed(HEAD + PHRASES, 'twins = "number"', 'twins = "number"\npredictions = ["(verb;%good%) < (cue;%bad%)"]'),
        9,
        "predictions: unknown region 'verb'. Known: *, critical, cue.",
    ),
    "prediction-twice": (
        changed(
            HEAD + PHRASES,
            'twins = "number"',
            'twins = "number"\npredictions = [\n"accuracy",\n"(critical;%good%) < (critical;%bad%)"]',
        ),
        11,
        "predictions: '(critical;%good%) < (critical;%bad%)' is asked twice. Remove one.",
    ),
    "prediction-over-what-is-the-same": (
        changed(HEAD + PHRASES, 'twins = "number"', 'twins = "number"\npredictions = ["(cue;%good%) < (cue;%bad%)"]'),
        9,
        "predictions: '(cue;%good%) < (cue;%bad%)' compares what is the same in both sentences.",
    ),
    "region-that-may-be-empty": (
        changed(HEAD + PHRASES, "old .", "{end:tail} .") + '[rules]\ntail = ["", "old"]\n',
        SENTENCE,
        "'sentence': {end:tail} is a region that may be of several words, or of none. Make it one word of a",
    ),
    "region-that-is-repeated": (
        changed(HEAD + PHRASES, "old .", "{end:adverb}*0-1 ."),
        SENTENCE,
        "'sentence': {end:adverb}*0-1 is a region that may be of several words, or of none.",
    ),
    "kin-of-forms-of-one-word": (
        changed(HEAD + PHRASES, 'twins = "number"', 'twins = "number"\nkin = [["singular", "plural"]]'),
        9,
        "kin: the twins' cues are two forms of one word, and have no other values of 'number' to keep apart. "
        "Remove it.",
    ),
    "unknown-kin": (
        DOMAINS.replace(
            'twins = "domain"', 'twins = "domain"\nkin = [\n["music", "literature"],\n["music", "medecine"],\n]'
        ),
        11,
        "kin: unknown domain 'medecine'. Did you mean 'medicine'?",
    ),
    "unknown-kin-within-a-known-one": (
        DOMAINS.replace(
            'twins = "domain"', 'twins = "domain"\nkin = [\n["music", "literature"],\n["music", "mus"],\n]'
        ),
        11,
        "kin: unknown domain 'mus'.",
    ),
    "kin-to-itself": (
        DOMAINS.replace('twins = "domain"', 'twins = "domain"\nkin = [["music", "music"]]'),
        9,
        "kin: ['music', 'music'] needs two different values of 'domain'.",
    ),
    "all-are-kin": (
        DOMAINS.replace('twins = "domain"', 'twins = "domain"\nkin = [["music", "medicine", "literature"]]'),
        9,
        "kin: leaves no two values of 'domain' that could be twins. Keep fewer apart.",
    ),
    "feature-of-one-slot-alone": (
        changed(HEAD + PHRASES, 'unit = "{place} the', 'unit = "the {noun} {place} the'),
        UNIT,
        "filler 'phrases' unit: {noun} does not say its number, which {attractor:noun(number)} has too. "
        "Write {noun(number)} if they agree, {noun(number=$other)} if not.",
    ),
    "broken-toml": (changed(HEAD + PHRASES, "[[filler]]", "[filler"), FILLER, "is not valid TOML"),
    "two-fillers-of-one-kind": (
        HEAD + PHRASES + changed(ADVERBS, "adverbs", "phrases"),
        18,
        "two fillers are of the kind 'phrases'. Rename one.",
    ),
    "two-fillers-that-ids-cannot-tell-apart": (
        changed(HEAD + PHRASES, '"phrases"', '"long phrases"') + changed(ADVERBS, "adverbs", "long-phrases"),
        18,
        "two fillers are of the kind 'long-phrases'. Rename one.",
    ),
    "a-filler-of-no-kind": (changed(HEAD + PHRASES, '"phrases"', '" "'), KIND, "the kind is empty. Give it a name."),
    # -- slots that nothing fills
    "undefined-class": (
        changed(HEAD + PHRASES, "old .", "{adverp} ."),
        SENTENCE,
        "'sentence': unknown rule or class 'adverp'. Did you mean 'adverb'?",
    ),
    "undefined-class-of-the-cue": (
        changed(HEAD + PHRASES, "cue:noun", "cue:nuon"),
        SENTENCE,
        "'sentence': cue: unknown class 'nuon'. Did you mean 'noun'?",
    ),
    "undefined-class-of-the-critical-word": (
        changed(HEAD + PHRASES, "critical:verb", "critical:verp"),
        SENTENCE,
        "'sentence': critical word: unknown class 'verp'. Did you mean 'verb'?",
    ),
    "undefined-class-in-the-unit": (
        changed(HEAD + PHRASES, "{place}", "{plase}"),
        UNIT,
        "filler 'phrases' unit: {plase} must be one word of a class, or the distance is not known "
        "(unknown class 'plase'. Did you mean 'place'?).",
    ),
    "undefined-class-in-the-text": (
        with_filler('text = "so {adwerb}"', "distances = [3]"),
        13,
        "filler 'mine' text: {adwerb} must be one word of a class",
    ),
    "undefined-stretch": (
        changed(HEAD + ADVERBS, '"adverb"', '"adwerb"'),
        STRETCH,
        "filler 'adverbs' stretch: unknown class 'adwerb'. Did you mean 'adverb'?",
    ),
    "undefined-stretch-of-the-lead": (
        LED + ADVERBS + '[lead]\nstretch = "adwerb"\n',
        AFTER_ADVERBS + 1,
        "[lead] stretch: unknown class 'adwerb'. Did you mean 'adverb'?",
    ),
    "undefined-rule": (
        changed(HEAD + PHRASES, "old .", "{end} .") + '[rules]\nent = ["x"]\n',
        SENTENCE,
        "'sentence': unknown rule or class 'end'. Did you mean 'ent'?",
    ),
    "undefined-class-in-a-rule": (
        changed(HEAD + PHRASES, "old .", "{end} .") + '[rules]\nend = [\n  "x",\n  "{adwerb}",\n]\n',
        19,
        "rule 'end': unknown rule or class 'adwerb'. Did you mean 'adverb'?",
    ),
    "rule-with-no-alternative-for-a-feature": (
        changed(HEAD + PHRASES, "old .", "{end(domain=x)} .") + '[rules]\n"end(domain=y)" = ["x"]\n',
        17,
        "rule 'end(domain=y)' has no alternatives for end(domain=x). Add them.",
    ),
    "rule-without-alternatives": (
        changed(HEAD + PHRASES, "old .", "{end} .") + "[rules]\nend = []\n",
        17,
        "rule 'end' has no alternatives. Add one;",
    ),
    "rule-named-as-a-class": (
        HEAD + PHRASES + '[rules]\nadverb = ["x"]\n',
        17,
        "rule 'adverb': 'adverb' is also a class of",
    ),
    "rule-that-is-there-twice": (
        HEAD + PHRASES + '[rules]\nend = ["x"]\n"end()" = ["y"]\n',
        18,
        "rule 'end()' is there twice. Put the alternatives of both into one.",
    ),
    "rule-named-as-our-own-are": (
        changed(HEAD + PHRASES, "old .", "{_lead} .") + '[rules]\n_lead = ["x"]\n',
        17,
        "rule '_lead': names that begin with '_' are taken. Rename the rule.",
    ),
    "slot-named-as-our-own-are": (
        changed(HEAD + PHRASES, "old .", "{_item} ."),
        SENTENCE,
        "'sentence': unknown rule or class '_item'.",
    ),
    "undefined-class-in-a-rule-that-nothing-calls": (
        HEAD + PHRASES + '[rules]\nend = [\n  "x",\n  "{adwerb}",\n]\n',
        19,
        "rule 'end': unknown rule or class 'adwerb'. Did you mean 'adverb'?",
    ),
    "rule-that-nothing-calls": (
        changed(HEAD + PHRASES, "old .", "{end} .") + '[rules]\nend = ["x"]\nand = ["y"]\n',
        18,
        "rule 'and': nothing calls it. Call it from another rule, or remove it.",
    ),
    "rule-that-only-itself-calls": (
        HEAD + PHRASES + '[rules]\nend = ["x", "so {end}"]\n',
        17,
        "rule 'end': nothing calls it.",
    ),
    "rule-for-a-value-that-nothing-hands-it": (
        changed(HEAD + PHRASES, "old .", "{end(domain=x)} .") + '[rules]\nend = ["x"]\n"end(domain=y)" = ["y"]\n',
        18,
        "rule 'end(domain=y)': nothing calls it.",
    ),
    "alternative-that-is-there-twice": (
        changed(HEAD + PHRASES, "old .", "{end} .") + '[rules]\nend = [\n  "so old",\n  "old",\n  "3: old",\n]\n',
        20,
        "rule 'end': 'old' is there twice. Make it one, with the weight of both.",
    ),
    "value-without-words-in-a-rule": (
        changed(HEAD + PHRASES, "old .", "{end} .") + '[rules]\nend = [\n  "x",\n  "{tool(domain=sports)}",\n]\n',
        19,
        "rule 'end': class 'tool' of {lexicon} has no word with domain sports.",
    ),
    "rule-that-never-ends": (
        changed(HEAD + PHRASES, "old .", "{end} .") + '[rules]\nend = [\n  "so {end}",\n]\n',
        17,
        "rule <end>: calls itself without end. Add an alternative that ends.",
    ),
    "rule-that-calls-itself-before-any-word": (
        changed(HEAD + PHRASES, "old .", "{end} .") + '[rules]\nmore = ["x"]\nend = ["{end} x", "y"]\n',
        18,
        "rule <end>: calls itself before any word (left recursion). Put a word first.",
    ),
    "rule-for-a-feature-that-calls-itself-before-any-word": (
        changed(HEAD + PHRASES, "old .", "{other} {end(domain=x)} .")
        + '[rules]\nother = ["end"]\n"end(domain=x)" = ["{end(domain=x)} x", "y"]\n',
        18,
        "rule <end(domain=x)>: calls itself before any word (left recursion). Put a word first.",
    ),
    "rule-with-a-second-cue": (
        changed(HEAD + PHRASES, "old .", "{end} .") + '[rules]\nend = [\n  "x",\n  "{cue:noun}",\n]\n',
        19,
        "rule 'end': a region 'cue' belongs into the sentence, filler or lead. Rename it.",
    ),
    "rule-that-withholds": (
        changed(HEAD + PHRASES, "old .", "{end} .") + '[rules]\nend = [\n  "x",\n  "withheld depth: y",\n]\n',
        19,
        "rule 'end': 'y' is withheld, as it can be in a training grammar only. Leave out 'withheld …'.",
    ),
    "broken-slot": (
        changed(HEAD + PHRASES, "{filler}", "{filler"),
        SENTENCE,
        "'sentence': 'The {cue:noun(number)} {filler {critical:verb(number)} old .' has a broken slot, "
        "'{filler'. Write",
    ),
    "broken-slot-in-the-unit": (
        changed(HEAD + PHRASES, "{place}", "{place"),
        UNIT,
        "filler 'phrases' unit: '{place the {attractor:noun(number)}' has a broken slot, "
        "'{place the'. Write slots as {name}",
    ),
    # -- the sentence
    "sentence-that-begins-with-the-cue": (
        changed(HEAD + PHRASES, "The {cue", "{cue"),
        SENTENCE,
        "'sentence': may begin with the cue. Begin with another word, so that neither a capital letter nor the first "
        "place gives the cue away.",
    ),
    "sentence-that-may-begin-with-the-cue": (
        changed(HEAD + PHRASES, "The {cue", "{opening} {adverb}*0-1 {cue") + '[rules]\nopening = ["", "Now"]\n',
        SENTENCE,
        "'sentence': may begin with the cue.",
    ),
    "sentence-that-begins-with-the-cue-where-the-lead-is-empty": (
        changed(HEAD + ADVERBS, "The {cue", "{lead} {cue")
        + '[lead]\nunit = "{place} the {lure:noun(number)} ,"\nlures = [1, 0]\n',
        SENTENCE,
        "'sentence': may begin with the cue.",
    ),
    "lead-that-nothing-fills": (
        LED + ADVERBS,
        SENTENCE,
        "'sentence' has {lead}, but nothing says what it holds. Add a table [lead], or drop it.",
    ),
    "missing-cue": (
        changed(HEAD + PHRASES, "{cue:noun(number)}", "{noun(number)}"),
        SENTENCE,
        "'sentence' needs exactly one slot {cue:…}. It has 0.",
    ),
    "two-critical-words": (
        changed(HEAD + PHRASES, "old .", "{critical:verb(number)} ."),
        SENTENCE,
        "'sentence' needs exactly one slot {critical:…}. It has 2.",
    ),
    "repeated-cue": (
        changed(HEAD + PHRASES, "{cue:noun(number)}", "{cue:noun(number)}*2"),
        SENTENCE,
        "'sentence' needs exactly one slot {cue:…}.",
    ),
    "no-filler-slot": (
        changed(HEAD + PHRASES, "{filler} ", ""),
        SENTENCE,
        "'sentence' needs exactly one slot {filler}. It has 0.",
    ),
    "no-slot-for-the-lead": (
        HEAD + ADVERBS + '[lead]\nstretch = "adverb"\n',
        SENTENCE,
        "'sentence' needs exactly one slot {lead}, because [lead] is given. It has 0.",
    ),
    "filler-after-the-critical-word": (
        changed(HEAD + PHRASES, "{filler} {critical:verb(number)}", "{critical:verb(number)} {filler}"),
        SENTENCE,
        "'sentence' must have {lead} (if any), the cue, {filler} and the critical word in this order.",
    ),
    "lead-after-the-cue": (
        changed(HEAD + ADVERBS, "{filler}", "{lead} {filler}") + '[lead]\nstretch = "adverb"\n',
        SENTENCE,
        "'sentence' must have {lead} (if any), the cue, {filler} and the critical word in this order.",
    ),
    "rule-between": (
        changed(HEAD + PHRASES, "{filler}", "{filler} {gap}") + '[rules]\ngap = ["x y"]\n',
        SENTENCE,
        "'sentence': {gap} stands between cue and critical word, where only words of a class may. Put it",
    ),
    "noun-that-may-mislead-outside-a-filler": (
        changed(HEAD + ADVERBS, "{filler}", "{attractor:noun(number=$other)} {filler}"),
        SENTENCE,
        "'sentence': {attractor:noun} may stand in a filler's text or unit only. Move it there.",
    ),
    "noun-that-may-mislead-outside-the-lead": (
        changed(HEAD + ADVERBS, "The", "The {lure:noun(number=$other)} the"),
        SENTENCE,
        "'sentence': {lure:noun} may stand in the unit of [lead] only. Move it there.",
    ),
    # -- features
    "unknown-twins-feature": (
        changed(HEAD + PHRASES, 'twins = "number"', 'twins = "numbre"'),
        8,
        "unknown feature 'numbre'. Did you mean 'number'?",
    ),
    "cue-without-the-feature": (
        changed(HEAD + PHRASES, "{cue:noun(number)}", "{cue:noun}"),
        SENTENCE,
        "'sentence': the cue must share 'number', the feature of the twins: {cue:noun(number)}.",
    ),
    "cue-and-critical-word-share-nothing": (
        changed(HEAD + PHRASES, "{critical:verb(number)}", "{critical:verb(number=$other)}"),
        SENTENCE,
        "'sentence': cue and critical word do not share 'number': $number is not $other. Write the same.",
    ),
    "critical-word-without-the-feature": (
        changed(HEAD + PHRASES, "{critical:verb(number)}", "{critical:verb}"),
        SENTENCE,
        "'sentence': the critical word must share 'number', the feature of the twins: {critical:verb(number)}.",
    ),
    "unknown-feature": (
        changed(HEAD + PHRASES, "cue:noun(number)", "cue:noun(numbre)"),
        SENTENCE,
        "'sentence': {noun}: unknown feature 'numbre'. Did you mean 'number'?",
    ),
    "unknown-feature-in-the-unit": (
        changed(HEAD + PHRASES, "{place}", "{place(dommain=x)}"),
        UNIT,
        "filler 'phrases' unit: {place}: unknown feature 'dommain'. Did you mean 'domain'?",
    ),
    "value-that-no-cue-has": (
        changed(HEAD + PHRASES, "cue:noun(number)", "cue:agent(number, domain=musik)"),
        SENTENCE,
        "'sentence': class 'agent' of {lexicon} has no word with domain musik. Add one to the lexicon, or ask for "
        "another.",
    ),
    "value-that-no-critical-word-has": (
        changed(HEAD + PHRASES, "critical:verb(number)", "critical:verb(number, domain=music)"),
        SENTENCE,
        "'sentence': class 'verb' of {lexicon} has no word with domain music.",
    ),
    "value-that-no-attractor-has": (
        changed(HEAD + PHRASES, "attractor:noun(number)", "attractor:agent(number, domain=animals)"),
        UNIT,
        "filler 'phrases' unit: class 'agent' of {lexicon} has no word with domain animals.",
    ),
    "variable-that-nothing-gives-a-value": (
        changed(HEAD + PHRASES, "The {cue", "{opening(number=$o)} the {cue")
        + '[rules]\nopening = ["near {noun(number)} ,"]\n',
        SENTENCE,
        "'sentence': nothing in '{opening(number=$o)} the {cue:noun(number)} {filler} {critical:verb(number)} old .' "
        "gives o a value. Share it with a slot that a class of the lexicon fills.",
    ),
    "words-of-the-sentence-that-never-agree": (
        changed(HEAD + PHRASES, "old .", "{tool(domain)} {noun(domain)} ."),
        SENTENCE,
        "'sentence': the features of 'The {cue:noun(number)} {filler} {critical:verb(number)} {tool(domain)} "
        "{noun(domain)} .' can never agree: no words have them.",
    ),
    "form-left-open": (
        changed(HEAD + PHRASES, 'twins = "number"', 'twins = "domain"')
        .replace("{cue:noun(number)}", "{cue:agent(number, domain)}")
        .replace("{critical:verb(number)}", "{critical:tool(number, domain)}"),
        SENTENCE,
        "'sentence': the cue leaves its form for 'number' open. Fix it here and in all that agrees: number=singular.",
    ),
    "agreeing-word-after-the-cue": (
        changed(HEAD + PHRASES, "{filler} {crit", "{filler} {verb(number)} {crit"),
        SENTENCE,
        "'sentence': {verb} shares 'number' with the cue. Only words before the cue may",
    ),
    "agreeing-rule-before-the-cue": (
        changed(HEAD + PHRASES, "The {cue", "Now {np(number)} {cue")
        + '[rules]\n"np(number=singular)" = ["this one"]\n"np(number=plural)" = ["these two"]\n',
        SENTENCE,
        "'sentence': {np} agrees with the cue and comes from a rule. What agrees before the cue must be words of a "
        "class: write them into the sentence.",
    ),
    "agreeing-word-before-the-cue-that-does-not-inflect": (
        changed(HEAD + PHRASES, "The {cue", "The {adverb(number)} {cue"),
        SENTENCE,
        "'sentence': {adverb} shares 'number' with the cue. Only words before the cue may, and only if both inflect",
    ),
    "agreeing-word-before-and-after-the-cue": (
        changed(HEAD + PHRASES, "The {cue", "The {verb(number)} {cue").replace("old .", "{verb(number)} ."),
        SENTENCE,
        "'sentence': {verb} shares 'number' with the cue. Only words before the cue may",
    ),
    "agreeing-word-after-the-critical-word": (
        changed(HEAD + PHRASES, "old .", "{noun(number)} ."),
        SENTENCE,
        "'sentence': {noun} shares 'number' with the cue. Only words before the cue may",
    ),
    "one-value": (
        changed(HEAD + PHRASES, 'twins = "number"', 'twins = "domain"')
        .replace("{cue:noun(number)}", "{cue:noun(domain)}")
        .replace("{critical:verb(number)}", "{critical:tool(domain)}"),
        8,
        "class 'noun' of",
    ),
    "nothing-in-common": (
        changed(HEAD + PHRASES, "cue:noun(number)", "cue:noun(number, domain)"),
        SENTENCE,
        "no cue and critical word in",
    ),
    "features-that-no-word-of-the-sentence-has": (
        changed(HEAD + PHRASES, "old .", "{tool(domain=sports)} ."),
        SENTENCE,
        "'sentence': class 'tool' of {lexicon} has no word with domain sports. Add one to the lexicon, or ask for "
        "another.",
    ),
    "features-that-no-word-of-the-unit-has": (
        changed(HEAD + PHRASES, "{place}", "{tool(number=dual)}"),
        UNIT,
        "filler 'phrases' unit: class 'tool' of {lexicon} has no word with number dual.",
    ),
    "features-that-no-words-of-the-text-share": (
        with_filler('text = "{tool(domain)} {noun(domain)}"', "distances = [3]"),
        13,
        "filler 'mine' text: the features of '{tool(domain)} {noun(domain)}' can never agree",
    ),
    "features-that-no-word-of-the-lead-has": (
        LED + ADVERBS + '[lead]\nunit = "{tool(domain=sports)} {lure:noun(number)}"\nlures = [1]\n',
        AFTER_ADVERBS + 1,
        "[lead] unit: class 'tool' of {lexicon} has no word with domain sports.",
    ),
    "features-of-a-rule-that-never-agree": (
        changed(HEAD + PHRASES, "old .", "{end} .")
        + '[rules]\nend = [\n  "x",\n  "{tool(domain)} {noun(domain)}",\n]\n',
        19,
        "rule 'end': the features of '{tool(domain)} {noun(domain)}' can never agree",
    ),
    # -- fillers
    "rule-in-the-unit": (
        changed(HEAD + PHRASES, "{place}", "{gap}") + '[rules]\ngap = ["x y"]\n',
        UNIT,
        "filler 'phrases' unit: {gap} must be one word of a class",
    ),
    "repeated-word-in-the-unit": (
        changed(HEAD + PHRASES, "{place}", "{adverb}*2"),
        UNIT,
        "filler 'phrases' unit: {adverb} must be one word of a class, or the distance is not known.",
    ),
    "no-attractor": (
        changed(HEAD + PHRASES, "{attractor:noun(number)}", "{noun(number)}"),
        UNIT,
        "filler 'phrases' unit needs exactly one noun marked {attractor:…(number)}.",
    ),
    "two-attractors-in-a-unit": (
        changed(HEAD + PHRASES, "{place}", "{attractor:noun(number=$x)}"),
        UNIT,
        "filler 'phrases' unit needs exactly one noun marked {attractor:…(number)}.",
    ),
    "attractor-without-a-value-of-its-own": (
        with_filler('text = "so {attractor:noun(number=plural)}"', "nouns = [1]", "distances = [3]"),
        13,
        "filler 'mine' text needs each of its nouns marked {attractor:…(number)}.",
    ),
    "attractors-that-share-a-value": (
        with_filler(
            'text = "{attractor:noun(number=$x)} {attractor:noun(number=$x)}"', "nouns = [2]", "distances = [3]"
        ),
        13,
        "filler 'mine' text: two nouns share 'number', but each has a value of its own: number=$other.",
    ),
    "attractor-of-a-class-with-no-number": (
        changed(HEAD + PHRASES, "attractor:noun", "attractor:adverb"),
        UNIT,
        "filler 'phrases' unit: class 'adverb' of",
    ),
    "stretch-that-inflects": (
        changed(HEAD + ADVERBS, '"adverb"', '"noun"'),
        STRETCH,
        "filler 'adverbs' stretch: 'key' of class 'noun' has several forms (key, keys), and nothing chooses one. Name "
        "a class whose words do not inflect.",
    ),
    "stretch-of-the-lead-that-inflects": (
        LED + ADVERBS + '[lead]\nstretch = "verb"\n',
        AFTER_ADVERBS + 1,
        "[lead] stretch: 'be' of class 'verb' has several forms (is, are), and nothing chooses one.",
    ),
    "lure-in-a-filler": (
        changed(HEAD + PHRASES, "{place}", "{lure:noun(number=$x)}"),
        UNIT,
        "filler 'phrases' unit: {lure:noun} may stand in the unit of [lead] only. Move it there.",
    ),
    "region-of-its-own-in-a-filler": (
        changed(HEAD + PHRASES, "{place}", "{where:place}"),
        UNIT,
        "filler 'phrases' unit: {where:place} would be a region of some sentences only. Write {place}.",
    ),
    "cue-in-a-filler": (
        changed(HEAD + PHRASES, "{place}", "{cue:noun}"),
        UNIT,
        "filler 'phrases' unit: {cue:noun} would be a region of some sentences only. Write {noun}.",
    ),
    "stretch-without-a-place": (
        changed(HEAD + PHRASES, "nouns", 'stretch = "adverb"\nnouns'),
        FILLER,
        "filler 'phrases' needs exactly one slot {stretch}, in 'text' or 'unit', if 'stretch' is given; none if not.",
    ),
    "place-without-a-stretch": (
        changed(HEAD + PHRASES, "{place}", "{place} {stretch}"),
        FILLER,
        "filler 'phrases' needs exactly one slot {stretch}, in 'text' or 'unit', if 'stretch' is given; none if not.",
    ),
    "stretch-in-text-and-unit": (
        with_filler(
            'text = "{stretch} {units}"',
            'unit = "{stretch} {attractor:noun(number)}"',
            'stretch = "adverb"',
            "nouns = [1]",
            "distances = [5]",
        ),
        FILLER,
        "filler 'mine' needs exactly one slot {stretch}, in 'text' or 'unit'",
    ),
    "repeated-stretch": (
        with_filler('text = "so {stretch}*3"', 'stretch = "adverb"', "distances = [4]"),
        13,
        "filler 'mine' text: write {stretch} without features or repetition.",
    ),
    "units-in-the-unit": (
        changed(HEAD + PHRASES, "{place}", "{units}"),
        FILLER,
        "filler 'phrases': 'text' needs exactly one slot {units} if there is a 'unit', and none if not.",
    ),
    "text-without-a-place-for-the-units": (
        changed(HEAD + PHRASES, "unit =", 'text = "so"\nunit ='),
        FILLER,
        "filler 'phrases': 'text' needs exactly one slot {units} if there is a 'unit', and none if not.",
    ),
    "two-places-for-the-next-unit": (
        changed(HEAD + PHRASES, "{place}", "{inner} {inner}"),
        FILLER,
        "filler 'phrases': a slot {inner}, where the next unit nests, may stand once, in 'unit'.",
    ),
    "next-unit-in-the-text": (
        changed(HEAD + PHRASES, "unit =", 'text = "{units} {inner}"\nunit ='),
        FILLER,
        "filler 'phrases': a slot {inner}, where the next unit nests, may stand once, in 'unit'.",
    ),
    # -- distances
    "distance-that-no-template-reaches": (
        changed(HEAD + PHRASES, "[4, 7]", "[4, 5]"),
        DISTANCES,
        "filler 'phrases': no number of nouns in [1, 2] reaches distance 5: without units it is 1, a unit adds 3 and "
        "nothing stretches it. Drop the distance, or add a number of nouns or a stretch.",
    ),
    "distance-that-the-second-filler-does-not-reach": (
        HEAD + PHRASES + with_filler('text = "so"', "distances = [2, 4]").removeprefix(HEAD),
        20,
        "filler 'mine': no number of nouns in [0] reaches distance 4: without units it is 2 and nothing stretches it.",
    ),
    "distance-below-the-nearest": (
        changed(HEAD + ADVERBS, "{filler}", "{filler} no").replace("[1, 3, 6]", "[1]"),
        ADVERBS_DISTANCES,
        "filler 'adverbs': no number of nouns in [0] reaches distance 1: without units it is 2. Drop",
    ),
    "unit-without-nouns": (
        changed(HEAD + PHRASES, "nouns = [1, 2]\n", ""),
        DISTANCES - 1,
        "filler 'phrases': no number of nouns in [0] reaches distance 4: without units it is 1, a unit adds 3",
    ),
    "nouns-without-unit": (
        changed(HEAD + ADVERBS, 'stretch = "adverb"', 'stretch = "adverb"\nnouns = [1]'),
        ADVERBS_DISTANCES + 1,
        "filler 'adverbs': its text has 0 nouns, and nouns = [1] does not say so. Write [0].",
    ),
    "more-nouns-than-patterns-can-be-had-of": (
        changed(HEAD + PHRASES, "nouns = [1, 2]", "nouns = [1, 7]"),
        NOUNS,
        "filler 'phrases' nouns: 7 nouns have 2**7 patterns of their values, each an item. Ask for at most 6 nouns.",
    ),
    "more-lures-than-patterns-can-be-had-of": (
        LED + ADVERBS + '[lead]\nunit = "{place} the {lure:noun(number)} ,"\nlures = [0, 30]\n',
        AFTER_ADVERBS + 2,
        "[lead] lures: 30 nouns have 2**30 patterns",
    ),
    "more-items-than-a-block-may-have": (
        changed(LED + PHRASES, "nouns = [1, 2]", "nouns = [6, 5]").replace("[4, 7]", "[16, 19]")
        + '[lead]\nunit = "{place} the {lure:noun(number)} ,"\nlures = [5]\n',
        DISTANCES,
        "filler 'phrases' distances: a block would have more than 4000 items, two for each distance, number of nouns "
        "and pattern of their values. Ask for fewer distances, nouns or lures.",
    ),
    # -- the lead
    "no-lure": (
        LED + ADVERBS + '[lead]\nunit = "{place} the {noun} ,"\nlures = [1]\n',
        AFTER_ADVERBS + 1,
        "[lead] unit needs exactly one noun marked {lure:…(number)}.",
    ),
    "attractor-in-the-lead": (
        LED + ADVERBS + '[lead]\nlures = [1]\nunit = "{attractor:noun(number=$x)} {lure:noun(number)} ,"\n',
        AFTER_ADVERBS + 2,
        "[lead] unit: {attractor:noun} may stand in a filler's text or unit only. Move it there.",
    ),
    "stretch-in-the-unit-of-the-lead": (
        LED + ADVERBS + '[lead]\nunit = "{stretch} {lure:noun(number)} ,"\nlures = [1]\nstretch = "adverb"\n',
        AFTER_ADVERBS + 1,
        "[lead] unit: {stretch} must be one word of a class",
    ),
    "lures-without-unit": (
        LED + ADVERBS + "[lead]\nlures = [0, 1]\n",
        AFTER_ADVERBS,
        "[lead]: give both 'unit' and 'lures', such as lures = [0, 1], or neither.",
    ),
    "factor-that-the-glossary-misspells": (
        HEAD + PHRASES + '[glossary]\nlures = "x"\npatern = "y"\n',
        AFTER + 2,
        "unknown factor 'patern'. Did you mean 'pattern'?",
    ),
    "unit-without-lures": (
        LED + ADVERBS + '[lead]\nunit = "{place} the {lure:noun(number)} ,"\n',
        AFTER_ADVERBS,
        "[lead]: give both 'unit' and 'lures', such as lures = [0, 1], or neither.",
    ),
}


@pytest.mark.parametrize(("text", "line", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_suite_is_one_clear_message_and_writes_nothing(tmp_path, text, line, message):
    path = write_suite_file(tmp_path, text)
    with pytest.raises(LrdBenchError) as error:
        generate_suite(path, out=tmp_path / "items" / "small.jsonl", items=1)
    where, what = str(error.value).split(": ", maxsplit=1)
    assert where == (f"{path}:{line}" if line else path)
    assert what.startswith(message.replace("{lexicon}", f"{tmp_path}/lexicon.csv"))
    assert "\n" not in what
    assert not (tmp_path / "items").exists()


def test_a_misspelt_key_is_named_beside_what_is_missing_for_it(tmp_path):
    with pytest.raises(LrdBenchError) as error:
        make_suite(tmp_path, changed(HEAD + PHRASES, "distances", "distanses"))
    assert str(error.value).splitlines() == [
        f"{tmp_path}/small.toml:{FILLER}: setting 'distances' is missing in the 1st [[filler]]. Add it.",
        f"{tmp_path}/small.toml:{DISTANCES}: unknown setting 'distanses' in the 1st [[filler]]. "
        "Did you mean 'distances'?",
    ]


def test_a_misspelt_key_at_the_top_is_named_too(tmp_path):
    with pytest.raises(LrdBenchError) as error:
        make_suite(tmp_path, changed(HEAD + PHRASES, "construction", "konstruction"))
    assert str(error.value).splitlines() == [
        f"{tmp_path}/small.toml: setting 'construction' is missing. Add it.",
        f"{tmp_path}/small.toml:7: unknown setting 'konstruction'. Did you mean 'construction'?",
    ]


def test_a_missing_lexicon_is_one_clear_message(tmp_path):
    with pytest.raises(LrdBenchError) as error:
        make_suite(tmp_path, changed(HEAD + PHRASES, "lexicon.csv", "lexikon.csv"))
    assert str(error.value) == f"{tmp_path}/small.toml:6: lexicon {tmp_path}/lexikon.csv: no such file. Check the path."


def test_a_broken_line_of_the_lexicon_is_named(tmp_path):
    with pytest.raises(LrdBenchError) as error:
        make_suite(tmp_path, lexicon=LEXICON + "noun,key,key,keys,\n")
    assert str(error.value) == (
        f"{tmp_path}/lexicon.csv:23: class 'noun' has 'key' on line 2 already. "
        "Remove one of the two lines, or tell the words apart by a feature."
    )


def test_a_single_word_cannot_stretch_a_filler_for_it_would_follow_itself(tmp_path):
    lexicon = LEXICON.replace("adverb,still,,,\n", "").replace("adverb,also,,,\n", "")
    with pytest.raises(LrdBenchError) as error:
        make_suite(tmp_path, HEAD + ADVERBS, lexicon)
    assert str(error.value) == (
        f"{tmp_path}/small.toml:{STRETCH}: 'often' is the only known word of class 'adverb', and 5 in a row are "
        "needed. Add words, or shorten the distances."
    )


@pytest.mark.parametrize(
    ("suite", "message"),
    [
        ("agreement-p", r"unknown suite 'agreement-p'\. Did you mean 'agreement-pp'\?"),
        ("mine/agreement.toml", r"mine/agreement\.toml: no such suite file"),
    ],
)
def test_an_unknown_suite_names_the_nearest(tmp_path, suite, message):
    with pytest.raises(LrdBenchError, match=message):
        generate_suite(suite, out=tmp_path / "items.jsonl")


def test_fewer_than_one_item_is_refused(tmp_path):
    with pytest.raises(LrdBenchError, match="items: 0 is too few"):
        generate_suite(write_suite_file(tmp_path), out=tmp_path / "items.jsonl", items=0)


@pytest.mark.parametrize(
    ("lexicon", "text", "line", "message"),
    [
        (
            LEXICON + "sheep,sheep,sheep,sheep,\nsheep,deer,deer,deer,\n",
            changed(HEAD + PHRASES, "attractor:noun", "attractor:sheep"),
            UNIT,
            "filler 'phrases' unit: class 'sheep' of {lexicon} has no word whose forms for singular and plural differ, "
            "so that its words cannot mislead. Name another class, or add words.",
        ),
        (
            LEXICON + "group,police,,police,\ngroup,army,army,,\n",
            LED + ADVERBS + '[lead]\nunit = "{place} the {lure:group(number)} ,"\nlures = [1]\n',
            AFTER_ADVERBS + 1,
            "[lead] unit: class 'group' of {lexicon} has no word whose forms for singular and plural differ",
        ),
        (
            LEXICON + "beast,cat,cat,cats,literature\nbeast,dog,dog,dogs,music\n",
            changed(HEAD + PHRASES, 'twins = "number"', 'twins = "domain"')
            .replace("{cue:noun(number)}", "{cue:agent(domain, number=singular)}")
            .replace("{critical:verb(number)}", "{critical:tool(domain, number=singular)}")
            .replace("{attractor:noun(number)}", "{attractor:beast(domain, number=plural)}"),
            UNIT,
            "filler 'phrases' unit: class 'beast' of {lexicon} has no word with number plural, domain medicine.",
        ),
        (
            "class,lemma,number=singular,number=dual,number=plural\nnoun,key,key,keyen,keys\nplace,near,,,\nverb,be,is,,are\n",
            HEAD + PHRASES,
            8,
            "class 'noun' of {lexicon} has forms for 3 values of 'number' (singular, dual, plural). Twins need exactly "
            "two: leave the others out of the lexicon.",
        ),
    ],
    ids=["forms-alike", "no-lexeme-with-both-forms", "no-word-of-one-domain", "three-values"],
)
def test_words_of_which_no_twins_or_no_attractors_can_be_made_are_refused(tmp_path, lexicon, text, line, message):
    with pytest.raises(LrdBenchError) as error:
        make_suite(tmp_path, text, lexicon)
    assert str(error.value).startswith(
        f"{tmp_path}/small.toml:{line}: " + message.replace("{lexicon}", f"{tmp_path}/lexicon.csv")
    )


FIXED = changed(HEAD + ADVERBS, "The {cue", "{opening} {lead} {last} {cue") + '[lead]\nstretch = "adverb"\n'


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ('opening = ["Now", "On that day"]\nlast = ["the"]', "{opening} may be of 1 to 3 words."),
        ('opening = ["Now"]\nlast = ["{adverb}*0-2 the"]', "{last} may be of 1 to 3 words."),
        ('opening = ["Now {more}"]\nmore = ["x", "so {more}"]\nlast = ["the"]', "{opening} may be of 2 words or more."),
    ],
    ids=["alternatives", "repetition", "without-end"],
)
def test_a_cue_that_cannot_keep_its_place_has_no_version_of_fixed_length(tmp_path, rules, message):
    text = f"{FIXED}[rules]\n{rules}\n"
    assert make_suite(tmp_path, text).items
    with pytest.raises(LrdBenchError) as error:
        make_suite(tmp_path, text, fixed_length=True)
    assert str(error.value) == (
        f"{tmp_path}/small.toml:{SENTENCE}: has no version of fixed length: before the cue, {message} "
        "Let it always be of as many, or leave out --fixed-length."
    )


def test_rules_whose_lines_are_all_of_one_length_have_a_version_of_fixed_length(tmp_path):
    text = f'{FIXED}[rules]\nopening = ["Now and then", "{{more}}*3"]\nmore = ["x", "y"]\nlast = ["the"]\n'
    starts = {
        item.sentences["good"].regions["cue"].start for item in make_suite(tmp_path, text, fixed_length=True).items
    }
    assert starts == {9 - distance + 1 for distance in (1, 3, 6)}


def test_a_sentence_may_begin_with_a_lead_that_is_never_empty(tmp_path):
    text = changed(HEAD + ADVERBS, "The {cue", "{lead} {cue")
    suite = make_suite(tmp_path, text + '[lead]\nunit = "{place} the {lure:noun(number)} ,"\nlures = [1, 2]\n')
    assert {item.sentences["good"].regions["cue"].start for item in suite.items} == {4, 8}


def test_a_block_may_have_as_many_items_as_the_largest_page_of_six_nouns(tmp_path):
    text = changed(HEAD + PHRASES, "nouns = [1, 2]", "nouns = [6]").replace("[4, 7]", "[19]")
    assert len(make_suite(tmp_path, text).items) == 2 * 2**6


FRENCH = """\
class,lemma,number=singular,number=plural,gender,gender=f;number=singular,gender=m;number=singular
noun,boulanger,boulanger,boulangers,m,,
noun,tante,tante,tantes,f,,
article,le,,les,,la,le
adjective,vieux,,,,vieille,vieux
verb,dormir,dort,dorment,,,
adverb,souvent,,,,,
"""


@pytest.mark.parametrize(
    ("before", "message"),
    [
        ("{article(number)} {cue:noun(number)}", "{article(number)} does not say its gender, which {cue:noun(number)}"),
        (
            "{article(number, gender)} {adjective(number, gender)} {cue:noun(number)}",
            "{cue:noun(number)} does not say its gender, which {article(number, gender)} has too. Write",
        ),
        ("{article(gender)} {cue:noun(number, gender)}", "{article(gender)} does not say its number"),
    ],
)
def test_words_that_would_have_to_agree_must_say_whether_they_do(tmp_path, before, message):
    text = changed(HEAD, "The {cue:noun(number)}", f"Ici {before}").replace("old .", ".") + ADVERBS
    path = write_suite_file(tmp_path, text, FRENCH)
    with pytest.raises(LrdBenchError) as error:
        generate_suite(path, out=tmp_path / "items.jsonl", items=1)
    assert f"{path}:{SENTENCE}: 'sentence': {message}" in str(error.value)


def test_words_that_say_how_they_agree_do(tmp_path):
    before = "{article(number, gender)} {cue:noun(number, gender)}"
    text = changed(HEAD, "The {cue:noun(number)}", f"Ici {before}").replace("old .", ".") + ADVERBS
    suite = make_suite(tmp_path, text.replace("[1, 3, 6]", "[1]"), FRENCH, items=40)
    subjects = {item.sentences["good"].tokens[1:3] for item in suite.items}
    assert subjects == {("le", "boulanger"), ("les", "boulangers"), ("la", "tante"), ("les", "tantes")}
