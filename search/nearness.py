"""What makes two sentences near besides their cosine. Short texts lie near each other by their form alone."""

import math

WORDS_OF_A_FULL_SENTENCE = 25


def shortness(sentence: str) -> float:
    """How much less the cosine of a sentence says for its being short: 0 for 25 words and more, ln 25 for a single word.

    >>> [round(shortness("word " * words), 2) for words in (1, 10, 25, 60)]
    [3.22, 0.92, 0.0, 0.0]
    """
    return math.log(WORDS_OF_A_FULL_SENTENCE / min(WORDS_OF_A_FULL_SENTENCE, max(1, len(sentence.split()))))
