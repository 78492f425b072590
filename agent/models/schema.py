"""Translate a JSON schema into a GBNF grammar, strictly.

llama-cpp-python's own translator crashes the process on some schemas and falls back to "any JSON" on others. This one knows a
part of JSON schema and refuses the rest when the schema is wired. Every property is written, in order; everything is
bounded, by default where the schema says nothing, so an answer always ends.
"""

import json
import math
import re
from typing import Any

from agent.models.numbers import decimals, integers
from agent.models.patterns import pattern_rule
from stores.errors import ModelError

MAX_LENGTH = 1000
DEFAULT_LENGTH = 200
MAX_ITEMS = 200
DEFAULT_ITEMS = 10
# llama.cpp writes out repetitions, so the product of nested bounds is what it must hold.
MAX_CHARACTERS = 100_000
ANNOTATIONS = {
    "title", "description", "default", "examples", "$defs", "definitions", "$schema", "$id", "$comment",
    "deprecated", "readOnly", "discriminator", "uniqueItems",
}  # fmt: skip
KEYWORDS = {
    "object": {"properties", "required", "additionalProperties"},
    "array": {"items", "prefixItems", "minItems", "maxItems"},
    "string": {"minLength", "maxLength", "pattern"},
    "integer": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"},
    "number": {"minimum", "maximum"},
    "boolean": set(),
    "null": set(),
}
CHARACTER = r'char ::= [^"\\\x00-\x1F\x7F] | "\\" ["\\/nt]'


def literal(text: str) -> str:
    """Return a GBNF literal of exactly this text."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    escaped = re.sub(r"[\x00-\x1f\x7f]", lambda match: f"\\x{ord(match.group()):02X}", escaped)
    return f'"{escaped}"'


def schema_grammar(schema: dict[str, Any]) -> tuple[str, int]:
    """Return the GBNF of a JSON schema, and the most characters that an answer can have.

    Raises:
        ModelError: names the part of the schema that a grammar cannot guarantee, and what to write instead.
    """
    return _Translator(schema).grammar()


def _refused(where: str, what: str, instead: str) -> ModelError:
    return ModelError(f"this output schema cannot be guaranteed: {what}", where=f"schema {where}", hint=instead)


class _Translator:
    """Collects one rule for each part of a schema."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self._schema = schema
        self._rules: dict[str, str] = {}
        self._open: list[str] = []

    def grammar(self) -> tuple[str, int]:
        """Return the whole grammar and the size of its largest answer."""
        rule, size = self._visit(self._schema, "#")
        if size > MAX_CHARACTERS:
            raise _refused("#", f"an answer could have {size} characters", "Lower maxItems and maxLength")
        rules = [f"root ::= {rule}", *(f"{name} ::= {body}" for name, body in self._rules.items()), CHARACTER]
        return "\n".join(rules), size

    def _rule(self, body: str) -> str:
        """Return the name of a rule of this body."""
        name = next((name for name, known in self._rules.items() if known == body), f"r{len(self._rules)}")
        self._rules[name] = body
        return name

    def _visit(self, schema: Any, where: str) -> tuple[str, int]:
        """Return the rule of a part and the most characters it can take."""
        if not isinstance(schema, dict):
            raise _refused(where, f"{schema!r} is not a schema of an object, array or value", "Say its type")
        if "$ref" in schema:
            return self._reference(schema, where)
        if "const" in schema or "enum" in schema:
            return self._choice(schema, where)
        for key in ("anyOf", "oneOf"):
            if key in schema:
                self._only(schema, {key, "type"}, where)
                return self._union(schema[key], f"{where}/{key}")
        if "allOf" in schema and len(schema["allOf"]) == 1:
            self._only(schema, {"allOf"}, where)
            return self._visit(schema["allOf"][0], f"{where}/allOf/0")
        kind = schema.get("type", "object" if "properties" in schema else None)
        if isinstance(kind, list):
            return self._union([{**schema, "type": each} for each in kind], where, narrowing=True)
        if kind not in KEYWORDS:
            raise _refused(where, f"type {kind!r}", "Use object, array, string, integer, number, boolean, null or enum")
        self._only(schema, KEYWORDS[kind] | {"type"}, where)
        return getattr(self, f"_{kind}")(schema, where)  # type: ignore[no-any-return]

    def _only(self, schema: dict[str, Any], known: set[str], where: str) -> None:
        surplus = sorted(set(schema) - known - ANNOTATIONS)
        if surplus:
            raise _refused(
                where, f"{surplus[0]!r} is not supported here", "Leave it out and check the value afterwards"
            )

    def _reference(self, schema: dict[str, Any], where: str) -> tuple[str, int]:
        self._only(schema, {"$ref"}, where)
        target = schema["$ref"]
        if not isinstance(target, str) or not target.startswith("#/"):
            raise _refused(where, f"the reference {target!r} leads outside", "Put the definition into $defs")
        if target in self._open:
            raise _refused(where, f"{target!r} contains itself", "Write the levels out")
        found: Any = self._schema
        for step in target[2:].split("/"):
            name = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(found, dict) or name not in found:
                raise _refused(where, f"the reference {target!r} leads nowhere", "Define it in $defs")
            found = found[name]
        self._open.append(target)
        try:
            return self._visit(found, target)
        finally:
            self._open.pop()

    def _choice(self, schema: dict[str, Any], where: str) -> tuple[str, int]:
        self._only(schema, {"const", "enum", "type"}, where)
        values = [schema["const"]] if "const" in schema else schema["enum"]
        if not isinstance(values, list) or not values:
            raise _refused(where, "an enumeration without values", "List the values")
        texts = [json.dumps(value, ensure_ascii=False) for value in values]
        return self._rule(" | ".join(map(literal, texts))), max(map(len, texts))

    def _union(self, parts: Any, where: str, *, narrowing: bool = False) -> tuple[str, int]:
        if not isinstance(parts, list) or not parts:
            raise _refused(where, "a choice without parts", "List the parts")
        if narrowing:
            parts = [
                {
                    key: value
                    for key, value in part.items()
                    if key in KEYWORDS.get(part["type"], set()) | ANNOTATIONS | {"type"}
                }
                for part in parts
            ]
        visited = [self._visit(part, f"{where}/{i}") for i, part in enumerate(parts)]
        return self._rule(" | ".join(rule for rule, _ in visited)), max(size for _, size in visited)

    def _object(self, schema: dict[str, Any], where: str) -> tuple[str, int]:
        if isinstance(schema.get("additionalProperties"), dict):
            raise _refused(where, "properties without fixed names", "Use an array of objects with a name")
        properties = schema.get("properties", {})
        if missing := sorted(set(schema.get("required", ())) - set(properties)):
            raise _refused(where, f"{missing[0]!r} is required but not described", "Describe it in properties")
        parts, total = [], 2
        for i, (name, part) in enumerate(properties.items()):
            rule, size = self._visit(part, f"{where}/properties/{name}")
            key = f"{', ' if i else ''}{json.dumps(name, ensure_ascii=False)}: "
            parts.append(f"{literal(key)} {rule}")
            total += len(key) + size
        return self._rule(" ".join(['"{"', *parts, '"}"'])), total

    def _array(self, schema: dict[str, Any], where: str) -> tuple[str, int]:
        if "prefixItems" in schema:
            visited = [self._visit(part, f"{where}/prefixItems/{i}") for i, part in enumerate(schema["prefixItems"])]
            body = ' ", " '.join(rule for rule, _ in visited)
            return self._rule(f'"[" {body} "]"'), sum(size + 2 for _, size in visited) + 2
        if "items" not in schema:
            raise _refused(where, "a list whose items are not described", "Say what its items are")
        low, high = self._bounds(schema, ("minItems", "maxItems"), (DEFAULT_ITEMS, MAX_ITEMS), where)
        rule, size = self._visit(schema["items"], f"{where}/items")
        size = 2 + high * (size + 2)
        if not high:
            return '"[]"', size
        body = f'{rule} (", " {rule}){{{max(0, low - 1)},{high - 1}}}'
        return self._rule(f'"[" {body if low else f"({body})?"} "]"'), size

    def _string(self, schema: dict[str, Any], where: str) -> tuple[str, int]:
        if "pattern" in schema:
            self._only(schema, {"pattern", "type"}, where)
            try:
                body = pattern_rule(str(schema["pattern"]))
            except ValueError as error:
                raise _refused(
                    where, f"the pattern {schema['pattern']!r}: {error}", "Use an enumeration or no pattern"
                ) from None
            return self._rule(f'"\\"" ({body}) "\\""'), DEFAULT_LENGTH
        low, high = self._bounds(schema, ("minLength", "maxLength"), (DEFAULT_LENGTH, MAX_LENGTH), where)
        return self._rule(f'"\\"" char{{{low},{high}}} "\\""'), high + 2

    def _bounds(
        self, schema: dict[str, Any], keys: tuple[str, str], limits: tuple[int, int], where: str
    ) -> tuple[int, int]:
        default, most = limits
        low = schema.get(keys[0], 0)
        high = schema.get(keys[1], max(low, default) if isinstance(low, int) else default)
        if not (type(low) is int and type(high) is int and 0 <= low <= high):
            raise _refused(where, f"{keys[0]} {low!r} and {keys[1]} {high!r}", "Use whole numbers, the lower one first")
        if high > most:
            raise _refused(where, f"{keys[1]} {high} is above {most}", "Lower it")
        return low, high

    def _range(self, schema: dict[str, Any], where: str) -> tuple[int | None, int | None]:
        lows = [schema[key] for key in ("minimum",) if key in schema]
        lows = [math.ceil(low) for low in lows] + [
            math.floor(schema[key]) + 1 for key in ("exclusiveMinimum",) if key in schema
        ]
        highs = [math.floor(schema[key]) for key in ("maximum",) if key in schema]
        highs += [math.ceil(schema[key]) - 1 for key in ("exclusiveMaximum",) if key in schema]
        low, high = max(lows, default=None), min(highs, default=None)
        if low is not None and high is not None and low > high:
            raise _refused(where, "no whole number lies within its bounds", "Widen them")
        return low, high

    def _integer(self, schema: dict[str, Any], where: str) -> tuple[str, int]:
        return self._rule(integers(*self._range(schema, where))), 16

    def _number(self, schema: dict[str, Any], where: str) -> tuple[str, int]:
        return self._rule(decimals(*self._range(schema, where))), 24

    def _boolean(self, _schema: dict[str, Any], _where: str) -> tuple[str, int]:
        return self._rule('"true" | "false"'), 5

    def _null(self, _schema: dict[str, Any], _where: str) -> tuple[str, int]:
        return '"null"', 4
