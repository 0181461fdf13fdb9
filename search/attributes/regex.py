"""Regular expressions that are compiled when a text is first held against them: a question needs few of those that roles are read by, and compiling them
all is a tenth of what a search takes in a process that begins.
"""

import re
from typing import cast

_METHODS = ("search", "match", "fullmatch", "finditer", "findall", "split", "sub")


class _Uncompiled:
    def __init__(self, expression: str, flags: re.RegexFlag) -> None:
        self._given = expression, flags

    def __getattr__(self, name: str) -> object:
        """As the pattern has it; its methods are kept, so that this comes to pass once."""
        compiled = re.compile(*self._given)
        vars(self).update({method: getattr(compiled, method) for method in _METHODS})
        return getattr(compiled, name)


def regex(expression: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """As `re.compile`, but an error in the expression shows when it is first used, and a match names the pattern that was compiled, not this one, in `re`.

    >>> regex("senior|lead", re.IGNORECASE).search("Lead engineer").group()
    'Lead'
    """
    return cast(re.Pattern[str], _Uncompiled(expression, flags))
