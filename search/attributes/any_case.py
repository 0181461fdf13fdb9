"""Finding words in long texts, whatever their case, several times as fast as with re.IGNORECASE: with it, Python tries every alternative at every place."""


def small_letters(text: str) -> str:
    """The text in small letters, each where it stands in the text: patterns of small letters find there what they would find whatever its case.

    >>> small_letters("Hybrid, not ON SITE"), len(small_letters("İzmir"))
    ('hybrid, not on site', 5)
    """
    # The only letter that would become two.
    return text.replace("İ", "i").lower()
