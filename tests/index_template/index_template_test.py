#!/usr/bin/env python3
"""The index templates in config/ against the events in tests/golden/json: with the rules by which
Elasticsearch and OpenSearch map a new field, no event is refused, and each field has one type whichever
event comes first. Source: Elasticsearch's reference, "Dynamic templates" and "Coercion".
"""
import collections
import json
import pathlib
import random
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEMPLATES = [ROOT / "config" / name / "index-template.json"
             for name in ("elasticsearch", "opensearch")]
KEYWORD_BYTES = 32766  # Lucene's limit of a term; a longer one refuses the whole event


def mappings(path):
    return json.loads(path.read_text())["template"]["mappings"]


def leaves(value, path=()):
    """Each value that is neither an object nor an array, and each object, with its path."""
    if isinstance(value, dict):
        if path:
            yield path, value
        for key, inner in value.items():
            yield from leaves(inner, path + (key,))
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, path)
    elif value is not None:
        yield path, value


def json_type(value):
    return {bool: "boolean", int: "long", float: "double", str: "string"}[type(value)]


def wildcard(pattern, text):
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text) is not None


def dynamic_mapping(mapping, path, value):
    """The mapping that a new field gets."""
    kind = json_type(value)
    for template in mapping["dynamic_templates"]:
        (rule,) = template.values()
        if rule.get("match_mapping_type", "*") not in ("*", kind):
            continue
        if "path_match" in rule and not wildcard(rule["path_match"], ".".join(path)):
            continue
        if "match" in rule:
            is_regex = rule.get("match_pattern") == "regex"
            test = re.fullmatch if is_regex else wildcard
            if not test(rule["match"], path[-1]):
                continue
        return rule["mapping"]
    raise AssertionError(f"no rule for {'.'.join(path)} = {value!r}")


def refusal(field, value):
    """Why a value makes the whole event fail, or None."""
    if field["type"] == "keyword":
        is_kept = len(str(value)) > field.get("ignore_above", 1 << 30)
        if not is_kept and len(str(value).encode()) > KEYWORD_BYTES:
            return "a term that is too long"
    elif field["type"] in ("long", "integer", "double"):
        if not field.get("ignore_malformed") and not re.fullmatch(r"-?\d+", str(value)):
            return "no number"
    elif field["type"] == "date":
        if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", value):
            return "no date"
    return None


class Index:
    """What an index learns from the events that come."""

    def __init__(self, mapping):
        self.mapping = mapping
        self.fields = {(name,): field for name, field in mapping["properties"].items()}
        self.objects = set()

    def add(self, event):
        for path, value in leaves(event):
            if isinstance(value, dict):
                if path in self.fields:
                    return f"{'.'.join(path)}: an object where a value was"
                self.objects.add(path)
                continue
            if path in self.objects:
                return f"{'.'.join(path)}: a value where an object was"
            if path not in self.fields:
                self.fields[path] = dynamic_mapping(self.mapping, path, value)
            why = refusal(self.fields[path], value)
            if why:
                return f"{'.'.join(path)} = {value!r}: {why}"
        return None


def golden_events():
    files = sorted((ROOT / "tests/golden/json").glob("*.json"))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


class IndexTemplate(unittest.TestCase):
    def test_both_products_map_alike(self):
        self.assertEqual(mappings(TEMPLATES[0]), mappings(TEMPLATES[1]))

    def test_no_event_is_refused_and_no_field_changes_its_type(self):
        events = golden_events()
        self.assertGreater(len(events), 100)
        mapping = mappings(TEMPLATES[0])
        types = collections.defaultdict(set)
        for seed in range(20):  # the order in which they come
            random.Random(seed).shuffle(events)
            index = Index(mapping)
            for event in events:
                self.assertIsNone(index.add(event))
            for path, field in index.fields.items():
                types[path].add(field["type"])
        changing = {".".join(path): kinds for path, kinds in types.items() if len(kinds) > 1}
        self.assertEqual(changing, {})
        self.assertLess(len(types), 10000, "more fields than the template allows")

    def test_the_decimals_are_those_of_the_encoder(self):
        table = (ROOT / "lib/record/field_keys.inc").read_text()
        decimals = set(re.findall(r'SORREL_KEY\(\w+, "([^"]+)", decimal', table))
        self.assertGreater(len(decimals), 80)
        others = set(re.findall(r'SORREL_KEY\(\w+, "([^"]+)", (?!decimal)', table)) - decimals
        mapping = mappings(TEMPLATES[0])
        for key in decimals:
            self.assertEqual(dynamic_mapping(mapping, ("SYSCALL", key), "?")["type"], "long", key)
        texts = [key for key in others if not re.search("(uid|gid)$", key)]
        for key in texts:
            self.assertEqual(dynamic_mapping(mapping, ("X", key), "?")["type"], "keyword", key)

    def test_the_check_itself_finds_what_it_is_for(self):
        bare = {"properties": {}, "dynamic_templates": [
            {"texts": {"match_mapping_type": "string", "mapping": {"type": "keyword"}}},
            {"numbers": {"match_mapping_type": "long", "mapping": {"type": "long"}}}]}
        index = Index(bare)
        self.assertIsNone(index.add({"SYSCALL": {"exit": 0}}))
        self.assertIn("no number", index.add({"SYSCALL": {"exit": "?"}}))
        self.assertIn("an object where", index.add({"SYSCALL": {"exit": {"a": 1}}}))
        self.assertIn("too long", index.add({"PROCTITLE": {"x": "y" * 40000}}))


if __name__ == "__main__":
    sys.exit(not unittest.main(exit=False).result.wasSuccessful())
