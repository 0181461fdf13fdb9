"""Regular expressions that are compiled when a text is first held against them: a question needs few of those that roles are read by, and compiling them
all is a tenth of what a search takes in a process that begins.
"""

import re
from typing import cast
from weakref import ref

# Those that nobody holds any more need not be compiled. A list, which one thread may copy while others add to it.
_all: list[ref["_Uncompiled"]] = []
_METHODS = ("search", "match", "fullmatch", "finditer", "findall", "split", "sub")


class _Uncompiled:
    def __init__(self, expression: str, flags: re.RegexFlag) -> None:
        self._given = expression, flags
        _all.append(ref(self))

    def compile(self) -> re.Pattern[str]:
        """The pattern; its methods are kept."""
        compiled = re.compile(*self._given)
        vars(self).update({method: getattr(compiled, method) for method in _METHODS})
        return compiled

    def __getattr__(self, name: str) -> object:
        """As the pattern has it: asked for a method once."""
        return getattr(self.compile(), name)


def regex(expression: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """As `re.compile`, but an error in the expression shows when it is first used, and a match names the pattern that was compiled, not this one, in `re`.

    >>> regex("senior|lead", re.IGNORECASE).search("Lead engineer").group()
    'Lead'
    """
    return cast(re.Pattern[str], _Uncompiled(expression, flags))


def compile_all() -> None:
    """Compile all that there are now: a process that stays need not do it while somebody waits."""
    for known in list(_all):
        one = known()
        if one is not None and _METHODS[0] not in vars(one):
            one.compile()
