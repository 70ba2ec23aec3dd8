"""One shape for every failure that concerns a combination of answers."""

from typing import NoReturn

import pytest

from kit.process import Outcome, tail


def fail(combo: str, place: str, wanted: object, found: object, repeat: str) -> NoReturn:
    """Fail the test in four lines.

    ``combo`` names the answers, ``place`` the file and line (``.github/workflows/ci.yml:88``) or the step,
    ``repeat`` is the command that shows this failure alone. If ``found`` is an ``Outcome``, the last 20 lines
    that the program printed follow.
    """
    output = ""
    if isinstance(found, Outcome):
        output = "\n" + tail(found.out + found.err)
        found = f"exit {found.code}"
    lines = [f"{combo}: {place}", f"  wanted  {wanted}", f"  found   {found}", f"  repeat  {repeat}"]
    pytest.fail("\n".join(lines) + output, pytrace=False)
