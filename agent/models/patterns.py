"""Translate a small part of regular expressions into a grammar rule."""

import re

MOST = 64
PLAIN = re.compile(r"[A-Za-z0-9 _\-:;,/@#%&=<>~'!]")
CLASS = re.compile(r"\[[A-Za-z0-9 _:;,./@#%&=+<>~'!()-]+\]")
REPEAT = re.compile(r"\*|\+|\?|\{(\d{1,3})(,(\d{0,3}))?\}")


def pattern_rule(pattern: str) -> str:
    """Return the GBNF expression of a pattern that is anchored by `^` and `$`.

    Plain characters, classes without `^` and backslashes, groups, alternatives and repetitions are known.

    Raises:
        ValueError: says which part is not.
    """
    if not (pattern.startswith("^") and pattern.endswith("$")):
        raise ValueError("it must begin with ^ and end with $")
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(str(error)) from None
    body, at, out, open_groups = pattern[1:-1], 0, [], 0
    while at < len(body):
        rest = body[at:]
        if match := CLASS.match(rest):
            out.append(match.group())
        elif match := REPEAT.match(rest):
            out.append(_repeated(match))
        elif match := PLAIN.match(rest):
            out.append(f'"{match.group()}"')
        elif (match := re.match(r"[()|]", rest)) and not rest.startswith("(?"):
            out.append(match.group())
            open_groups += {"(": 1, ")": -1}.get(match.group(), 0)
        else:
            raise ValueError(f"{rest[:2]!r} is not supported")
        at += match.end()
    if open_groups or not out:
        raise ValueError("it is empty or its groups are not closed")
    return " ".join(out)


def _repeated(match: re.Match[str]) -> str:
    if match.group() in {"*", "+", "?"}:
        return {"*": f"{{0,{MOST}}}", "+": f"{{1,{MOST}}}", "?": "?"}[match.group()]
    low = int(match[1])
    high = low if match[2] is None else int(match[3] or max(low, MOST))
    if low > high or high > MOST:
        raise ValueError(f"a repetition must lie within {MOST}")
    return f"{{{low},{high}}}"
